#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The controller is killed at random moments, over and over, while it writes health and others
# change weights, under traffic: no request fails, no connection moves, the store is whole,
# and nothing is left of any of them. KILLS says how often; make soak-controller does it 1000 times.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

kills=${KILLS:-40}
lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "1 1 1" --check "http:/healthz,${CHECK#*,}"
# Health of these follows a file, which gives the controller something to write all the time.
must lbctl service add restless 192.0.2.11:80/tcp \
	--check "exec:/usr/bin/test -e $WORK/flag,interval=100ms,timeout=100ms,rise=1,fall=1"
for number in 1 2 3; do
	must lbctl backend add restless "10.0.0.1$number:8080"
done

toggle() {
	local number=0
	trap - EXIT
	while :; do
		number=$((number + 1))
		if ((number % 2)); then touch "$WORK/flag"; else rm -f "$WORK/flag"; fi
		lbctl backend weight web-4-tcp 10.0.0.12 $((number % 5 + 1)) || echo "failed: $number"
	done >"$WORK/toggle" 2>&1
}

objects() {
	find "$PINS" | wc -l
}

# Soon: a command that the killed one was about to begin has its lock until it is executed.
no_controller_runs() {
	[[ $(lbctl -j status | jq -c .controller) == '{"running":false,"pid":null}' ]]
}

pins=$(objects)
toggle &
toggler=$!
background+=("$toggler")
load "$VIP4" 80 --keep 3
load_wait 20
broken="" running=0
for ((round = 0; round < kills; round++)); do
	start lbctl run 2>>"$WORK/controller"
	CONTROLLER=$STARTED
	printf -v delay '0.%03d' $((RANDOM % 500))
	read -r -t "$delay" <> <(:) || true
	if kill -0 "$CONTROLLER" 2>/dev/null; then
		running=$((running + 1))
	fi
	controller_kill
	lbctl -j status >"$WORK/status" 2>&1 || broken+="status after kill $round: $(<"$WORK/status"); "
	await 10 no_controller_runs || broken+="a dead controller runs; "
done
kill -TERM "$toggler"
wait "$toggler" || true
forget_process "$toggler"
load_wait 20
load_end
is "$running" "$kills" "$kills controllers were running when they were killed"
is "$broken" "" "status was right after every kill"
is "$(grep -c failed "$WORK/toggle" || true)" 0 "no change by commands failed"
no_failures "no request failed"
connections_stayed "no connection moved"
is "$(objects)" "$pins" "there are as many pins as before"
# Of all of them, as the last events are soon only the commands'.
turns=$(grep -cE ' (up|down) restless ' "$WORK/controller" || true)
ok "the controllers had something to write: health turned $turns times" test "$turns" -gt 2

controller_start
health_becomes "up up up" "the next one goes on" 1 2 3
must lbctl backend weight web-4-tcp 10.0.0.12 1
is "$(fetch 90 "$(url "$VIP4")")" "b1=30 b2=30 b3=30" "the balancer balances as told"
ok "detach cleans up" lbctl --lock-timeout 60s detach --force
not_ok "and leaves no pin" test -e "$PINS"
checksums_are_right
finish
