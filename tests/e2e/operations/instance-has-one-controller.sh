#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A second controller of an instance is refused. status reports whether a controller runs, also
# after it was killed.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

none='{"running":false,"pid":null}'
controller() { # in status
	value '.controller | tojson' status
}

lab_up --backends 1
refused 8 attach "run without an instance is refused" lbctl run
must lbctl attach front back
is "$(controller)" "$none" "no controller runs at first"
controller_start
refused 5 "already has a controller" "a second controller is refused" lbctl run
ok "the first controller still runs" controller_runs "$CONTROLLER"
controller_kill
is "$(controller)" "$none" "a killed controller is not reported as running"
controller_start
pass "another controller starts after the killed one"
controller_stop

# Between fork and exec the child of an exec check has the controller's file descriptors, with its
# lock. strace delays the child there.
must lbctl service add web 192.0.2.10:80/tcp --check exec:/bin/true
must lbctl backend add web 10.0.0.11
start on balancer strace -f -qq -o "$WORK/log" -e trace=setsid -e inject=setsid:delay_enter=600000000 \
	"$LBCTL" --instance "$NAME" run 2>>"$WORK/controller"
tracer=$STARTED
child_has_started() { # sets CONTROLLER and child
	CONTROLLER=$(value '.controller.pid // empty' status) && child=$(pgrep -P "$CONTROLLER")
}
must await 20 child_has_started
kill -KILL "$CONTROLLER"
controller_is_gone() {
	[[ ! -e /proc/$CONTROLLER ]]
}
must await 20 controller_is_gone
not_ok "the child holds the lock of the killed controller" flock -n "$PINS/controller" true
is "$(controller)" "$none" "the killed controller is not reported as running"
kill -KILL "$child"
stop_hard "$tracer"
must lbctl service del web
controller_start
controller_stop
is "$STATUS" 0 "after SIGTERM the controller ends with exit code 0"
is "$(controller)" "$none" "a stopped controller is not reported as running"

controller_start
must lbctl detach
reap "$CONTROLLER"
is "$STATUS" 0 "after detach the controller ends with exit code 0"
like "$(tail -n 1 "$WORK/controller")" "was detached" "the controller logs that the instance was detached"
not_ok "no pin is left" test -e "$PINS"
finish
