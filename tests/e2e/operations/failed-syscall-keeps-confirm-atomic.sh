#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Changes that await a confirmation, of which one system call fails, whichever it is: of the
# command that makes the change, or of the process that puts it back. Unless it is confirmed,
# nothing of it stays; and what cannot be confirmed still awaits it. Some calls of each command
# are tried; ALL=1 tries all (make soak-faults).
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/fault_injection.bash
source "$(dirname "$0")/../../lib/shell/fault_injection.bash"

lab_up --backends 3
file a wrr 2 one
file b random 9 two

# strace ends when who waits does.
must lbctl apply -f "$WORK/a.yaml"
sweep 6 true apply -f "$WORK/b.yaml" --prune --force --confirm-within 1s

b_awaits_confirmation() {
	back_to_a && lbctl --lock-timeout 60s apply -f "$WORK/b.yaml" --prune --force --confirm-within 300s
}
must b_awaits_confirmation
sweep 4 b_awaits_confirmation confirm
must lbctl confirm

nobody_waits() {
	! pgrep -f -- "--instance $NAME .*--confirm-within"
}
ok "nobody waits any more" await 20 nobody_waits
finish
