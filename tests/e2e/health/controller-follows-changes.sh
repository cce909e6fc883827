#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The controller is told nothing, and knows: services, backends and checks that commands
# add, change and delete are probed accordingly.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 3
must lbctl attach front back
controller_start
service 4 tcp 80 "1" --check "$CHECK"
health_becomes "up" "a service that is added is probed" 1
must lbctl backend add web-4-tcp 10.0.0.12
health_becomes "up up" "so is a backend" 1 2
backend_kill 3
must lbctl backend add web-4-tcp 10.0.0.13
health_becomes "up up down" "one that is not there is down by its first probe" 1 2 3
must lbctl service set web-4-tcp --check "http:/none,${CHECK#*,}"
health_becomes "down down down" "another check takes the place of the first" 1 2 3
must lbctl service set web-4-tcp --check none
is "$(health 1 2 3)" "unknown unknown unknown" "none takes health away"
must lbctl service set web-4-tcp --check "$CHECK"
health_becomes "up up down" "and it comes back with a check" 1 2 3
must lbctl backend del web-4-tcp 10.0.0.13
must lbctl backend weight web-4-tcp 10.0.0.11 7
is_logged() {
	grep -q "weight web-4-tcp 10.0.0.11:80: 1 -> 7" "$WORK/controller"
}
ok "the log of the controller has commands' changes, too" await 20 is_logged
must lbctl service del web-4-tcp
must lbctl service add web-4-tcp "$VIP4:80/tcp" --check "$CHECK"
must lbctl backend add web-4-tcp 10.0.0.12
health_becomes "up" "a service that is made anew is probed anew" 2

kill -HUP "$CONTROLLER"
must lbctl backend add web-4-tcp 10.0.0.11
health_becomes "up up" "after SIGHUP it goes on" 1 2
ok "the same process" controller_runs "$CONTROLLER"
finish
