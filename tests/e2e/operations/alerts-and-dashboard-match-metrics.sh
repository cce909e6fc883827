#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The alert rules and the dashboard in tools/ name metrics, labels and outcomes that lbctl tells,
# are what Prometheus reads, and fire when they should.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

RULES=$ROOT/tools/prometheus/lbctl.rules.yml
DASHBOARD=$ROOT/tools/grafana/lbctl.json
lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "5 3" --feedback observe
fetch 8 "$(url "$VIP4")" >"$WORK/tally"
lbctl metrics >"$WORK/metrics"

# What follows an expression's name in braces or in by (...) are labels.
sed -nE 's/^ *(expr: *)?([^#].*lbctl_.*)/\2/p' "$RULES" >"$WORK/rules"
jq -r '.. | objects | (.expr, .definition) // empty | strings' "$DASHBOARD" >"$WORK/dashboard"
names_in() { # FILE
	grep -oE '\blbctl_[a-z_]+' "$1" | sort -u
}
names_in "$WORK/metrics" >"$WORK/told"
for file in rules dashboard; do
	is "$(names_in "$WORK/$file" | grep -c .)" "$(names_in "$WORK/$file" | grep -cxFf "$WORK/told")" \
		"the $file ask for no metric that is not told"
done
between 15 "$(names_in "$WORK/dashboard" | grep -c .)" 99 "the dashboard shows many"
not_ok "a metric that is not told would be noticed" grep -qxF lbctl_backend_latency "$WORK/told"

outcomes_in() { # FILE
	grep -oE 'outcome=~?"[a-z_|]+"' "$1" | sed -E 's/.*"(.*)"/\1/' | tr '|' '\n' | sort -u
}
lbctl -j status | jq -r '.outcomes | keys[]' >"$WORK/outcomes"
for file in rules dashboard; do
	is "$(outcomes_in "$WORK/$file" | grep -vxFf "$WORK/outcomes" || true)" "" "and for no outcome that there is not"
done
lacking=$(sed -nE 's/^\tX\([A-Z_]+, ([a-z_]+),.*/\1/p' "$ROOT/include/lb/outcome.h" | grep -cE '^no_')
is "$(outcomes_in "$WORK/rules" | grep -c '^no_')" "$lacking" "the rules know every outcome that lacks something"

# --- what Prometheus says ---
ok "promtool reads the rules" promtool check rules "$RULES"
ok "they fire when they should, and else not" promtool test rules "$ROOT/tools/prometheus/lbctl.test.yml"
untested=
while read -r alert; do
	grep -q "alertname: $alert\b" "$ROOT/tools/prometheus/lbctl.test.yml" || untested+="$alert "
done < <(sed -nE 's/^ *- alert: //p' "$RULES")
is "$untested" "" "each of them is tested"
sed 's/lbctl_backend_up == 0/lbctl_backend_up == 2/' "$RULES" >"$WORK/lbctl.rules.yml"
cp "$ROOT/tools/prometheus/lbctl.test.yml" "$WORK/lbctl.test.yml"
not_ok "one that does not would be noticed" promtool test rules "$WORK/lbctl.test.yml"

# Every query of the dashboard, with its variables set, as a rule: then promtool reads it.
{
	echo 'groups: [{name: dashboard, rules: ['
	jq -r '.panels[].targets[]?.expr' "$DASHBOARD" | sed 's/[$]__rate_interval/5m/g; s/[$][a-z]*/.*/g' |
		jq -R '{record: "dashboard:query", expr: .}' | jq -s -c '.[] | .labels = {number: (input_line_number | tostring)}' |
		paste -sd,
	echo ']}]'
} >"$WORK/queries.yml"
ok "promtool reads the dashboard's queries" promtool check rules "$WORK/queries.yml"
sed 's/sum by/sum bye/' "$WORK/queries.yml" >"$WORK/wrong.yml"
not_ok "and would notice a wrong one" promtool check rules "$WORK/wrong.yml"
is "$(jq '[.panels[].id] | (length == (unique | length)) and length > 20' "$DASHBOARD")" true "each panel has a number of its own"
is "$(jq -r '[.panels[] | select(.type != "row") | .datasource.uid] | unique[]' "$DASHBOARD")" "\${datasource}" \
	"and asks the data source that is chosen"
finish
