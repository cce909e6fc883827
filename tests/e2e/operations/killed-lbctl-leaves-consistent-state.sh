#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lbctl is killed at random times during changes. The configuration is then completely the old one or
# completely the new one, and every command works.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/kill.bash
source "$ROOT/tests/lib/shell/kill.bash"

ROUNDS=120
ROUNDS_MAX=600 # if no kill has come early or late enough

balancer_up --backends 3
service 4 tcp 80 "1 1 1"

# The part of the configuration that the changes modify, in a fixed order.
backend_states() {
	lbctl -j status | jq -c '[.services[] | [.name, .scheduler, [.backends[] | [.address, .port, .state, .effective_weight]]]] | sort'
}

measure_for_kills backend weight web-4-tcp 10.0.0.12 2
measure_for_kills service set web-4-tcp --scheduler random
load "$VIP4" 80 --keep 3
load_wait 20
partial="" broken="" done_count=0 undone_count=0
wanted=$(backend_states)
for ((round = 0; round < ROUNDS || (done_count == 0 || undone_count == 0) && round < ROUNDS_MAX; round++)); do
	before=$wanted
	case $((round % 8)) in
	0 | 3 | 5) change=(backend weight web-4-tcp 10.0.0.12 $((round + 2))) ;;
	1) change=(service add other 192.0.2.99:80/tcp) ;;
	2) change=(service set web-4-tcp --scheduler "$( ((round % 16 == 2)) && echo random || echo rr)") ;;
	4) change=(backend add web-4-tcp 10.0.0.13:8080 --weight 0) ;;
	6) change=(service del other --if-exists --force) ;;
	7) change=(backend del web-4-tcp 10.0.0.13:8080 --if-exists) ;;
	esac
	run_and_kill "${change[@]}"
	after=$(backend_states) || broken+="status fails after ${change[*]}; "
	# The same command, not killed, leads to the new state from the old one and from the new one.
	if [[ ${change[1]} == add ]]; then
		change+=(--update)
	fi
	lbctl "${change[@]}" >"$WORK/again" 2>&1 || broken+="${change[*]}: $(<"$WORK/again"); "
	wanted=$(backend_states)
	if [[ $after == "$wanted" ]]; then
		[[ $before == "$wanted" ]] || done_count=$((done_count + 1))
	elif [[ $after == "$before" ]]; then
		undone_count=$((undone_count + 1))
	else
		partial+="${change[*]}: $before, $after, $wanted; "
	fi
done
load_end
is "$partial" "" "a killed command changes all or nothing ($round times)"
is "$broken" "" "every command works after a kill"
note "no change $undone_count times, a complete change $done_count times"
ok "some kills prevent the change" test "$undone_count" -gt 0
ok "some kills come after the change" test "$done_count" -gt 0
no_failures "no request failed"

must lbctl service set web-4-tcp --scheduler wrr
must lbctl backend weight web-4-tcp 10.0.0.11 5
must lbctl backend weight web-4-tcp 10.0.0.12 3
must lbctl backend weight web-4-tcp 10.0.0.13 1
is "$(fetch 900 "$(url "$VIP4")")" "b1=500 b2=300 b3=100" "traffic follows the weights in the end"
ok "detach works" lbctl detach --force
not_ok "no pin is left" test -e "$PINS"
checksums_are_right
finish
