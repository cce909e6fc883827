#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whoever changes something holds the instance's lock; others wait, and give up after
# --lock-timeout with exit code 7.
# shellcheck source=tests/lib/e2e.bash
source "$(dirname "$0")/../lib/e2e.bash"

lab_up --backends 1
must lbctl attach front back
service 4 tcp 80 "1"

mkfifo "$WORK/hold"
start flock -x "$PINS" cat "$WORK/hold"
holder=$STARTED
held() {
	! flock -xn "$PINS" true
}
await 10 held
refused 7 . "a change gives up" lbctl --lock-timeout 100ms backend weight web-4-tcp 10.0.0.11 7
refused 7 . "so does a look" lbctl --lock-timeout 100ms service list
start lbctl backend weight web-4-tcp 10.0.0.11 9
waiting=$STARTED
echo >"$WORK/hold"
status=0
wait "$waiting" || status=$?
forget "$waiting"
stop "$holder"
is "$status" 0 "who waits comes to it when the lock is free"
is "$(backend_field web-4-tcp 1 effective_weight)" 9 "and the change is made, the refused one is not"
finish
