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
write_config a wrr 2 one
write_config b random 9 two

# strace ends when who waits does.
must lbctl apply -f "$WORK/a.yaml"
sweep 6 true apply -f "$WORK/b.yaml" --prune --force --confirm-within 1s

apply_b_unconfirmed() {
	restore_a && lbctl --lock-timeout 60s apply -f "$WORK/b.yaml" --prune --force --confirm-within 300s
}
must apply_b_unconfirmed
sweep 4 apply_b_unconfirmed confirm
must lbctl confirm

no_confirmation_pending() {
	! pgrep -f -- "--instance $NAME .*--confirm-within"
}
ok "nobody waits any more" await 20 no_confirmation_pending
finish
