#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# attach, upgrade and detach are killed at random times. The next attach or detach succeeds with
# whatever is left.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/kill.bash
source "$ROOT/tests/lib/shell/kill.bash"

ROUNDS=12
ROUNDS_MAX=100 # if no attach has left pins

lab_up --backends 1

measure_for_kills attach front back
measure_for_kills upgrade
measure_for_kills detach --force

broken="" with_pins=0
for ((round = 0; round < ROUNDS || with_pins == 0 && round < ROUNDS_MAX; round++)); do
	run_and_kill attach front back
	if [[ -e $PINS ]]; then
		with_pins=$((with_pins + 1))
	fi
	if ((round % 2)); then
		lbctl attach front back >"$WORK/again" 2>&1 || broken+="attach: $(<"$WORK/again"); "
		run_and_kill upgrade
		lbctl -j status >"$WORK/again" 2>&1 || broken+="status: $(<"$WORK/again"); "
		run_and_kill detach --force
	fi
	status=0
	lbctl detach --force >"$WORK/again" 2>&1 || status=$?
	((status == 0 || status == 8)) || broken+="detach: $(<"$WORK/again"); "
	[[ ! -e $PINS ]] || broken+="pins are left; "
	[[ $(on balancer ip -d link show) != *prog/xdp* ]] || broken+="a program is left; "
done
is "$broken" "" "the command after a killed one repairs the instance ($round times)"
ok "some killed attaches leave pins" test "$with_pins" -gt 0

must lbctl attach front back
service 4 tcp 80 "1"
is "$(fetch 20 "$(url "$VIP4")")" "b1=20" "the balancer works in the end"
checksums_are_right
finish
