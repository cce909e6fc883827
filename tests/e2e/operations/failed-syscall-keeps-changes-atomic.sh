#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# If any system call of a change fails, the command reports an error and changes nothing, or it
# succeeds completely. The next command works, and traffic is not interrupted. A sample of the calls
# of each command is tried; ALL=1 tries all (make soak-faults).
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/fault_injection.bash
source "$(dirname "$0")/../../lib/shell/fault_injection.bash"

lab_up --backends 3
write_config a wrr 2 one
write_config b random 9 two

remove_saved() {
	echo before >"$WORK/saved.yaml"
}

must lbctl apply -f "$WORK/a.yaml"
load "$VIP4" 80 --keep 3
load_wait 20
sweep 12 restore_a apply -f "$WORK/b.yaml" --prune --force
sweep 4 restore_a backend add web 10.0.0.14 --weight 0
sweep 4 restore_a backend weight web 10.0.0.11 7
sweep 4 restore_a backend del one 10.0.0.13
sweep 4 restore_a service set web --scheduler maglev
load_end
no_failures "no request failed"
remove_saved
sweep 5 remove_saved save -o "$WORK/saved.yaml"
finish
