#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# If any system call of attach, upgrade or detach fails, the command reports an error and changes
# nothing on any interface, or it succeeds completely. No pin is left. A sample of the calls of each
# command is tried; ALL=1 tries all (make soak-faults).
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/fault_injection.bash
source "$(dirname "$0")/../../lib/shell/fault_injection.bash"

lab_up --backends 3
write_config a wrr 2 one
write_config b random 9 two

restore_detached() {
	lbctl detach --force || [[ ! -e $PINS ]]
}

must lbctl apply -f "$WORK/a.yaml"
load "$VIP4" 80 --keep 3
load_wait 20
sweep 5 true upgrade
is "$(programs)" 1 "both interfaces run the same program"
load_end
no_failures "no request failed during upgrade"
sweep 4 restore_a detach --force
must lbctl detach --force
sweep 7 restore_detached apply -f "$WORK/b.yaml"
is "$("${pinned[@]}")" "" "no pins are left"
finish
