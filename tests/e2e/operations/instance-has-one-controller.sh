#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A second controller is refused; status tells whether there is one, also after it was killed.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 1
refused 8 attach "without an instance there is nothing to control" lbctl run
must lbctl attach front back
none='{"running":false,"pid":null}'
is "$(lbctl -j status | jq -c .controller)" "$none" "at first there is no controller"
controller_start
refused 5 "already has a controller" "a second is refused" lbctl run
ok "the first goes on" controller_runs "$CONTROLLER"
controller_kill
is "$(lbctl -j status | jq -c .controller)" "$none" "killed it does not run"
controller_start
pass "and another may"
controller_stop

# Between fork and exec a check's command has all that the controller has, its lock included.
must lbctl service add web 192.0.2.10:80/tcp --check exec:/bin/true
must lbctl backend add web 10.0.0.11
start on balancer strace -f -qq -o "$WORK/log" -e trace=setsid -e inject=setsid:delay_enter=600000000 \
	"$LBCTL" --instance "$NAME" run 2>>"$WORK/controller"
tracer=$STARTED
command_has_started() { # sets CONTROLLER, and the command that it is about to start
	CONTROLLER=$(value '.controller.pid // empty' status) && command=$(pgrep -P "$CONTROLLER")
}
must await 20 command_has_started
kill -KILL "$CONTROLLER"
controller_is_gone() {
	[[ ! -e /proc/$CONTROLLER ]]
}
must await 20 controller_is_gone
not_ok "a command that has not begun yet may hold a dead controller's lock" flock -n "$PINS/controller" true
is "$(lbctl -j status | jq -c .controller)" "$none" "but it does not run"
kill -KILL "$tracer" "$command"
wait "$tracer" || true
forget_process "$tracer"
must lbctl service del web
controller_start
status=0
kill -TERM "$CONTROLLER"
wait "$CONTROLLER" || status=$?
forget_process "$CONTROLLER"
is "$status" 0 "SIGTERM ends it with exit code 0"
is "$(lbctl -j status | jq -c .controller)" "$none" "and it does not run"

controller_start
must lbctl --lock-timeout 60s detach
status=0
wait "$CONTROLLER" || status=$?
forget_process "$CONTROLLER"
is "$status" 0 "when the instance is detached it ends with exit code 0"
like "$(tail -n 1 "$WORK/controller")" "was detached" "and says why"
not_ok "no pin is left" test -e "$PINS"
finish
