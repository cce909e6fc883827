#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# As a service of type notify: the controller says when it is ready, when it reads anew, that it
# is alive, and when it ends.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 1
must lbctl attach front back
service 4 tcp 80 "1" --check "$CHECK"
start "$PEER" datagrams "$WORK/notify" "$WORK/words"
await 10 test -S "$WORK/notify"
has_notified() {
	grep -q "^$1" "$WORK/words"
}

export NOTIFY_SOCKET=$WORK/notify WATCHDOG_USEC=400000
CONTROLLER_FLAGS=(-q)
controller_start
ok "it is ready" await 20 has_notified READY=1
ok "and says what it does" has_notified "STATUS=probing 1 target"
ok "it is alive" await 20 has_notified WATCHDOG=1
kill -HUP "$CONTROLLER"
ok "it reads anew" await 20 has_notified RELOADING=1
ready_again() {
	(($(grep -c ^READY=1 "$WORK/words") == 2))
}
ok "and is ready again" await 20 ready_again
backend_kill 1
health_becomes down "it went on" 1
controller_stop
ok "it says that it ends" has_notified STOPPING=1
is "$(<"$WORK/controller")" "" "with -q its log is empty"
finish
