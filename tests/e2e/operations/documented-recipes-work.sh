#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The recipes for cron and CI in docs/operations.md work as printed. Each is extracted by the name
# in the comment above it, and runs with the lab's lbctl and curl, and stubs of ssh and sleep.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

RECIPES=$ROOT/docs/operations.md

# write_stub NAME LINE: a script of this name in the recipes' PATH.
write_stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"$WORK/bin/$1"
	chmod 0755 "$WORK/bin/$1"
}

recipe() { # NAME
	awk -v name="<!-- recipe: $1 -->" '$0 == name { wanted = 1; next } wanted && /^```/ { inside++; next }
		inside == 2 { exit } inside { print }' "$RECIPES"
}

# run NAME [EXPRESSION]: runs a recipe, changed by this expression of sed. Returns its exit status.
run() {
	local status=0
	recipe "$1" | sed -E "${2-}" >"$WORK/recipe"
	[[ -s $WORK/recipe ]] || return 99
	(cd "$WORK/repository" && PATH=$WORK/bin:$PATH sh "$WORK/recipe") >"$WORK/out" 2>&1 || status=$?
	note "$1:" "$(<"$WORK/out")"
	return "$status"
}

# Runs the command of a crontab, which has one line: what follows the times and the user.
run_cron() { # NAME
	(PATH=$WORK/bin:$PATH sh -c "$(recipe "$1" | grep '^\*' | sed -E "s/^(\S+ ){6}//; s|/run/|$WORK/|g; s|/var/lib/\S*/|$WORK/|")")
}

weights() {
	lbctl -j backend list web | jq -c '[.[].effective_weight]'
}

# The health check, with time for a busy machine where a single probe decides.
set_check() { # OPTIONS
	must lbctl service set web --check "http:/healthz,$1"
}

balancer_up --backends 2
mkdir "$WORK/bin" "$WORK/repository"
write_stub lbctl "exec nsenter --net=/run/netns/lb-$NAME-balancer -- $LBCTL --instance $NAME \"\$@\""
write_stub curl "exec nsenter --net=/run/netns/lb-$NAME-client -- /usr/bin/curl \"\$@\""
write_stub ssh "echo \"\$@\" >>$WORK/ssh"
write_stub sleep "echo \"\$@\" >>$WORK/sleep; test ! -e $WORK/down || $WORK/bin/lbctl check >/dev/null"
is "$(grep -c '^<!-- recipe:' "$RECIPES")" 6 "this test covers all 6 recipes"

must lbctl service add web "$VIP4:80/tcp"
set_check interval=20s,timeout=20s,fall=1
must lbctl backend add web 10.0.0.11
must lbctl backend add web 10.0.0.12
is "$(run_cron cron-check 2>&1)" "" "cron-check prints nothing if all backends are up"
backend_kill 2
like "$(run_cron cron-check 2>&1)" "10.0.0.12:80 +down" "cron-check prints a backend that is down"
backend_revive 2
set_check interval=20s,timeout=20s,rise=1
must lbctl check
run_cron cron-metrics
ok "cron-metrics writes a file for a collector" promtool check metrics <"$WORK/lbctl.prom"

must lbctl service set web --scheduler wrr
must lbctl save -o "$WORK/repository/lb.yaml"
before=$(configuration)
ok "ci-apply passes for a file without changes" run ci-apply
is "$(configuration)" "$before" "a file without changes changes nothing"
sed -i 's/^  vip: .*/&\n  scheduler: lc/' "$WORK/repository/lb.yaml"
ok "ci-apply applies and confirms a file" run ci-apply 's/60s/1h/; s/--max-time 5 //'
is "$(value '.services[0].scheduler' status)" lc "the file is applied"
like "$(lbctl confirm 2>&1 || true)" "no apply is waiting" "the change is confirmed"
before=$(configuration)
sed -i 's/10\.0\.0\.1\([12]\)/10.0.0.9\1/' "$WORK/repository/lb.yaml"
not_ok "ci-apply fails for a file that breaks the service" run ci-apply 's/60s/4s/; s/--retry 3 --retry-all-errors//'
becomes "$before" "the change that breaks the service is rolled back" configuration
echo "services: {" >"$WORK/repository/lb.yaml"
not_ok "ci-apply fails for an invalid file" run ci-apply
is "$(configuration)" "$before" "an invalid file changes nothing"

must lbctl service set web --scheduler wrr
ok "blue-green moves traffic from blue to green" run blue-green
is "$(weights) $(wc -l <"$WORK/sleep")" "[0,100] 3" "blue-green has three steps"
is "$(fetch 10 "$(url "$VIP4")")" "b2=10" "green gets all traffic"
must lbctl backend weight web 10.0.0.11 100%
touch "$WORK/down"
backend_kill 2
not_ok "blue-green fails if green fails" run blue-green
rm "$WORK/down"
backend_revive 2
must lbctl check
is "$(lbctl -j backend list web | jq -c '[.[] | .override // .weight]')" "[1,0]" "blue gets all traffic again"
must lbctl backend weight web 10.0.0.12 100%

set_check interval=1s,timeout=1s,fast=200ms,rise=1
controller_start
load "$VIP4" 80
load_wait 20
ok "drain-deploy passes" run drain-deploy 's/10m|1m/1h/; s|http:/healthz|&,interval=20s,timeout=20s|'
load_wait 20
load_end
no_failures "drain-deploy loses no request"
is "$(paste -sd' ' "$WORK/ssh")" "10.0.0.11 systemctl restart app 10.0.0.12 systemctl restart app" "drain-deploy restarts both backends"
becomes "ready up ready up" "both backends are back in service" \
	value '[.services[0].backends[] | .state, .health] | join(" ")' status
controller_stop

# Two run at a time, so that some commands are refused and repeated.
before=$(value '.override // .weight' backend show web 10.0.0.11)
recipe compare-and-set >"$WORK/step"
compare_and_set() { # COUNT
	local i
	for ((i = 0; i < $1; i++)); do
		PATH=$WORK/bin:$PATH sh "$WORK/step" || echo "failed: $?"
	done >>"$WORK/steps" 2>&1
}
(
	trap - EXIT
	compare_and_set 6
) &
background+=("$!")
one=$!
compare_and_set 6
wait "$one"
forget_process "$one"
not_ok "compare-and-set never fails" grep failed "$WORK/steps"
is "$(value '.override // .weight' backend show web 10.0.0.11)" $((before + 12)) "compare-and-set loses no step"
finish
