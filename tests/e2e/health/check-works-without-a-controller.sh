#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `lbctl check`, as cron calls it: each call is a round, rounds add up to rise and fall, and
# the exit code tells whether anybody is down.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1" --check "tcp,interval=1s,timeout=500ms,rise=2,fall=3"
must lbctl service add unchecked 192.0.2.11:80/tcp
must lbctl backend add unchecked 10.0.0.11

code() { # COMMAND...
	local status=0
	"$@" >"$WORK/out" 2>&1 || status=$?
	echo "$status"
}

is "$(code lbctl check)" 0 "a round finds all up"
is "$(health 1 2)" "up up" "and writes it back"
backend_kill 1
is "$(code lbctl check) $(health 1)" "0 up" "the first failure is not enough"
is "$(code lbctl check web-4-tcp) $(health 1)" "0 up" "nor the second"
is "$(code lbctl check web-4-tcp 10.0.0.12) $(health 1)" "0 up" "a round of the other does not count"
is "$(code lbctl --dry-run check) $(health 1)" "1 up" "nor one with --dry-run, though it tells what the third will say"
is "$(code lbctl check) $(health 1)" "1 down" "the third is: exit code 1"
like "$(<"$WORK/out")" "10.0.0.11:80 +down +failed .*refused" "and it is shown with its reason"
is "$(fetch 20 "$(url "$VIP4")")" "b2=20" "it gets nothing new"
is "$(lbctl -j check | jq -c '[.[] | [.address, .health, .passed]]')" \
	'[["10.0.0.11","down",false],["10.0.0.12","up",true]]' "the same as JSON"
backend_revive 1
is "$(code lbctl check) $(health 1)" "1 down" "one pass is not enough"
is "$(code lbctl check) $(health 1)" "0 up" "two are"
is "$(lbctl -j backend list unchecked | jq -r '.[0].health')" unknown "whom nobody checks nobody knows"
refused 3 "no check" "a service without a check is refused" lbctl check unchecked
refused 4 "no service" "so is one that is not there" lbctl check wbe

controller_start
backend_kill 2
health_becomes "up down" "with a controller it is the same store" 1 2
is "$(code lbctl check)" 1 "which check agrees with"
finish
