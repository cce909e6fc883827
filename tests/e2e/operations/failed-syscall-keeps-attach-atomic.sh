#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Attaching, upgrading and detaching, of which one system call fails, whichever it is: they say
# why and have changed nothing, on no interface, or have done all. No pin is left over. Some
# calls of each command are tried; ALL=1 tries all (make soak-faults).
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/fault_injection.bash
source "$(dirname "$0")/../../lib/shell/fault_injection.bash"

lab_up --backends 3
write_config a wrr 2 one
write_config b random 9 two

restore_detached() {
	lbctl --lock-timeout 60s detach --force || [[ ! -e $PINS ]]
}

must lbctl apply -f "$WORK/a.yaml"
load "$VIP4" 80 --keep 3
load_wait 20
sweep 5 true upgrade
is "$(programs)" 1 "both interfaces run the same program"
load_end
no_failures "no request failed meanwhile"
sweep 4 restore_a detach --force
must lbctl detach --force
sweep 7 restore_detached apply -f "$WORK/b.yaml"
is "$("${pinned[@]}")" "" "no pins are left"
finish
