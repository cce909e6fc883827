#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A change with --confirm-within, of which any system call fails: of the command that makes the
# change, or of the process that rolls it back. An unconfirmed change is rolled back completely. If
# confirm fails, the change is still waiting for it. A sample of the calls of each command is tried;
# ALL=1 tries all (make soak-faults).
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/fault_injection.bash
source "$(dirname "$0")/../../lib/shell/fault_injection.bash"

lab_up --backends 3
write_config a wrr 2 one
write_config b random 9 two

# strace ends when the process that waits for the confirmation ends.
must lbctl apply -f "$WORK/a.yaml"
sweep 6 true apply -f "$WORK/b.yaml" --prune --force --confirm-within 1s

apply_b_unconfirmed() {
	restore_a && lbctl apply -f "$WORK/b.yaml" --prune --force --confirm-within 1h
}
must apply_b_unconfirmed
sweep 4 apply_b_unconfirmed confirm
must lbctl confirm

no_apply_waits() {
	! pgrep -f -- "--instance $NAME .*--confirm-within"
}
ok "no process waits after confirm" await 20 no_apply_waits
finish
