#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `lbctl check`, as run by cron: each call is one round, rounds add up to rise and fall, and the
# exit code shows whether a backend is down.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up --backends 2
service 4 tcp 80 "1 1" --check "tcp,interval=1m,timeout=1m,fast=200ms,rise=2,fall=3"
must lbctl service add unchecked 192.0.2.11:80/tcp
must lbctl backend add unchecked 10.0.0.11

code() { # COMMAND...
	local status=0
	"$@" >"$WORK/out" 2>&1 || status=$?
	echo "$status"
}

is "$(code lbctl check)" 0 "a round of checks finds all backends up"
is "$(health 1 2)" "up up" "the round stores their health"
backend_kill 1
is "$(code lbctl check) $(health 1)" "0 up" "one failure does not mark the backend down"
is "$(code lbctl check web-4-tcp) $(health 1)" "0 up" "two failures do not mark the backend down"
is "$(code lbctl check web-4-tcp 10.0.0.12) $(health 1)" "0 up" "a round of the other backend counts no failure"
is "$(code lbctl --dry-run check) $(health 1)" "1 up" "--dry-run shows the result of the third round, and stores nothing"
is "$(code lbctl check) $(health 1)" "1 down" "three failures mark the backend down: exit code 1"
like "$(<"$WORK/out")" "10.0.0.11:80 +down +failed .*refused" "the output has the backend and the reason"
is "$(fetch 20 "$(url "$VIP4")")" "b2=20" "the backend gets no new connection"
is "$(lbctl -j check | jq -c '[.[] | [.address, .health, .passed]]')" \
	'[["10.0.0.11","down",false],["10.0.0.12","up",true]]' "the output as JSON has health and result"
backend_revive 1
is "$(code lbctl check) $(health 1)" "1 down" "one success does not mark the backend up"
is "$(code lbctl check) $(health 1)" "0 up" "two successes mark the backend up"
is "$(lbctl -j backend list unchecked | jq -r '.[0].health')" unknown "without a check, health is unknown"
refused 3 "no health check" "a service without a check is refused" lbctl check unchecked
refused 4 "unknown service" "an unknown service is refused" lbctl check wbe

must lbctl service set web-4-tcp --check "$CHECK"
controller_start
backend_kill 2
health_becomes "up down" "a controller uses the same stored health" 1 2
is "$(code lbctl check)" 1 "check agrees with the controller"
finish
