#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The alert rules and the dashboard in tools/ use only metrics, labels and outcomes that lbctl
# exports. Prometheus accepts them, and the alerts pass their unit tests.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

RULES=$ROOT/tools/prometheus/lbctl.rules.yml
DASHBOARD=$ROOT/tools/grafana/lbctl.json
balancer_up --backends 2
service 4 tcp 80 "5 3" --feedback observe
fetch 8 "$(url "$VIP4")" >"$WORK/tally"
lbctl metrics >"$WORK/metrics"

# The expressions of both, one per line.
sed -nE 's/^ *(expr: *)?([^#].*lbctl_.*)/\2/p' "$RULES" >"$WORK/rules"
jq -r '.. | objects | (.expr, .definition) // empty | strings' "$DASHBOARD" >"$WORK/dashboard"
names_in() { # FILE
	grep -oE '\blbctl_[a-z_]+' "$1" | sort -u
}
names_in "$WORK/metrics" >"$WORK/exported"
for file in rules dashboard; do
	is "$(names_in "$WORK/$file" | grep -vxFf "$WORK/exported" | paste -sd' ')" "" "all metrics in the $file are exported"
done
between 15 "$(names_in "$WORK/dashboard" | grep -c .)" 99 "the dashboard uses at least 15 metrics"
not_ok "an unknown metric is found" grep -qxF lbctl_backend_latency "$WORK/exported"

outcomes_in() { # FILE
	grep -oE 'outcome=~?"[a-z_|]+"' "$1" | sed -E 's/.*"(.*)"/\1/' | tr '|' '\n' | sort -u
}
lbctl -j status | jq -r '.outcomes | keys[]' >"$WORK/outcomes"
for file in rules dashboard; do
	is "$(outcomes_in "$WORK/$file" | grep -vxFf "$WORK/outcomes" || true)" "" "all outcomes in the $file exist"
done
lacking=$(sed -nE 's/^\tX\([A-Z_]+, ([a-z_]+),.*/\1/p' "$ROOT/include/lb/outcome.h" | grep -cE '^no_')
is "$(outcomes_in "$WORK/rules" | grep -c '^no_')" "$lacking" "the rules use all outcomes no_*"

# --- Prometheus ---
ok "promtool accepts the rules" promtool check rules "$RULES"
ok "the alerts pass their unit tests" promtool test rules "$ROOT/tools/prometheus/lbctl.test.yml"
untested=
while read -r alert; do
	grep -q "alertname: $alert\b" "$ROOT/tools/prometheus/lbctl.test.yml" || untested+="$alert "
done < <(sed -nE 's/^ *- alert: //p' "$RULES")
is "$untested" "" "each alert has a unit test"
sed 's/lbctl_backend_up == 0/lbctl_backend_up == 2/' "$RULES" >"$WORK/lbctl.rules.yml"
cp "$ROOT/tools/prometheus/lbctl.test.yml" "$WORK/lbctl.test.yml"
not_ok "a wrong alert fails its unit test" promtool test rules "$WORK/lbctl.test.yml"

# Each query of the dashboard, with values for its variables, as a rule that promtool can check.
{
	echo 'groups: [{name: dashboard, rules: ['
	jq -r '.panels[].targets[]?.expr' "$DASHBOARD" | sed 's/[$]__rate_interval/5m/g; s/[$][a-z]*/.*/g' |
		jq -R '{record: "dashboard:query", expr: .}' | jq -s -c '.[] | .labels = {number: (input_line_number | tostring)}' |
		paste -sd,
	echo ']}]'
} >"$WORK/queries.yml"
ok "promtool accepts the dashboard's queries" promtool check rules "$WORK/queries.yml"
sed 's/sum by/sum bye/' "$WORK/queries.yml" >"$WORK/wrong.yml"
not_ok "promtool rejects a wrong query" promtool check rules "$WORK/wrong.yml"
is "$(jq '[.panels[].id] | (length == (unique | length)) and length > 20' "$DASHBOARD")" true "each panel has a unique id"
is "$(jq -r '[.panels[] | select(.type != "row") | .datasource.uid] | unique[]' "$DASHBOARD")" "\${datasource}" \
	"each panel uses the selected data source"
finish
