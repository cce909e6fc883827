#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The controller implements the protocol of sd_notify(3): it reports that it is ready, its status,
# the watchdog, a reload, and that it is stopping.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up --backends 1
service 4 tcp 80 "1" --check "$CHECK"
start "$PEER" datagrams "$WORK/notify" "$WORK/notifications"
must await 10 test -S "$WORK/notify"
notifications() { # NAME=VALUE: the number of times that it was sent
	grep -c "^$1" "$WORK/notifications"
}
has_notified() { # NAME=VALUE [TIMES]
	(($(notifications "$1") >= ${2:-1}))
}

export NOTIFY_SOCKET=$WORK/notify WATCHDOG_USEC=400000
CONTROLLER_FLAGS=(-q)
controller_start
ok "it is ready" await 20 has_notified READY=1
ok "it reports its status" await 20 has_notified "STATUS=probing 1 target"
ok "it triggers the watchdog" await 20 has_notified WATCHDOG=1
kill -HUP "$CONTROLLER"
ok "after SIGHUP it reports a reload" await 20 has_notified RELOADING=1
ok "after the reload it is ready again" await 20 has_notified READY=1 2
backend_kill 1
health_becomes down "checks continue after the reload" 1
controller_stop
ok "it reports that it is stopping" await 20 has_notified STOPPING=1
is "$(<"$WORK/controller")" "" "with -q its log is empty"
finish
