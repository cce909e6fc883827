#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The controller is killed at random times while it writes health and commands change weights, under
# traffic. No request fails, no connection moves, the store stays consistent, and no killed
# controller leaves anything. KILLS is the number of kills (40; make soak-controller: 1000).
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

kills=${KILLS:-40}
balancer_up --backends 3
service 4 tcp 80 "1 1 1" --check "http:/healthz,${CHECK#*,}"
# Health of this service follows a file that changes all the time, so the controller writes often.
must lbctl service add flapping 192.0.2.11:80/tcp \
	--check "exec:/usr/bin/test -e $WORK/flag,interval=300ms,timeout=300ms,rise=1,fall=1"
for number in 1 2 3; do
	must lbctl backend add flapping "10.0.0.1$number:8080"
done

# Changes the file and a weight until it is ended.
toggle() {
	local number=0
	trap - EXIT
	while :; do
		number=$((number + 1))
		if ((number % 2)); then touch "$WORK/flag"; else rm -f "$WORK/flag"; fi
		lbctl backend weight web-4-tcp 10.0.0.12 $((number % 5 + 1)) || echo "failed: $number"
	done >"$WORK/toggle" 2>&1
}

pin_count() {
	find "$PINS" | wc -l
}

# Not at once after a kill: a child between fork and exec still has the controller's lock.
no_controller_runs() {
	[[ $(lbctl -j status | jq -c .controller) == '{"running":false,"pid":null}' ]]
}

# The number of health changes that all controllers together have logged.
health_changes() {
	grep -cE ' (up|down) flapping ' "$WORK/controller"
}

health_has_changed() { # SINCE
	(($(health_changes) > $1))
}

: >"$WORK/controller"
pins=$(pin_count)
toggle &
toggler=$!
background+=("$toggler")
load "$VIP4" 80 --keep 3
load_wait 20
broken="" running=0
for ((round = 0; round < kills; round++)); do
	changes=$(health_changes || true)
	start lbctl run 2>>"$WORK/controller"
	CONTROLLER=$STARTED
	# On a slow machine the random delay may always end before the first probe.
	if ((round % 8 == 7)); then
		await 30 health_has_changed "$changes" || broken+="no health change; "
	fi
	printf -v delay '0.%03d' $((RANDOM % 500))
	read -r -t "$delay" <> <(:) || true
	if kill -0 "$CONTROLLER" 2>/dev/null; then
		running=$((running + 1))
	fi
	controller_kill
	lbctl -j status >"$WORK/status" 2>&1 || broken+="status after kill $round: $(<"$WORK/status"); "
	await 10 no_controller_runs || broken+="a killed controller is reported as running; "
done
stop "$toggler"
load_wait 20
load_end
is "$running" "$kills" "$kills controllers were running when they were killed"
is "$broken" "" "status is right after every kill"
is "$(grep -c failed "$WORK/toggle" || true)" 0 "no change by a command failed"
no_failures "no request failed"
connections_stayed "no connection moved"
is "$(pin_count)" "$pins" "the number of pins is unchanged"
note "$(health_changes) health changes"

controller_start
health_becomes "up up up" "the next controller continues the checks" 1 2 3
must lbctl backend weight web-4-tcp 10.0.0.12 1
is "$(fetch 90 "$(url "$VIP4")")" "b1=30 b2=30 b3=30" "traffic follows the weights in the end"
ok "detach works" lbctl detach --force
not_ok "no pin is left" test -e "$PINS"
checksums_are_right
finish
