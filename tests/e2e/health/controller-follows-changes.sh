#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The controller follows the configuration without being notified: services, backends and checks
# that commands add, change or delete are probed accordingly.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up
controller_start
service 4 tcp 80 "1" --check "$CHECK"
health_becomes "up" "an added service is probed" 1
must lbctl backend add web-4-tcp 10.0.0.12
health_becomes "up up" "an added backend is probed" 1 2
backend_kill 3
must lbctl backend add web-4-tcp 10.0.0.13
health_becomes "up up down" "an unreachable backend is down after its first probe" 1 2 3
must lbctl service set web-4-tcp --check "http:/none,${CHECK#*,}"
health_becomes "down down down" "another check replaces the first" 1 2 3
must lbctl service set web-4-tcp --check none
is "$(health 1 2 3)" "unknown unknown unknown" "without a check, health is unknown"
must lbctl service set web-4-tcp --check "$CHECK"
health_becomes "up up down" "with a check again, health is known" 1 2 3
must lbctl backend del web-4-tcp 10.0.0.13
must lbctl backend weight web-4-tcp 10.0.0.11 7
ok "the controller's log has changes made by commands" \
	await 20 grep -q "weight web-4-tcp 10.0.0.11:80: 1 -> 7" "$WORK/controller"
must lbctl service del web-4-tcp
must lbctl service add web-4-tcp "$VIP4:80/tcp" --check "$CHECK"
must lbctl backend add web-4-tcp 10.0.0.12
health_becomes "up" "a service that is deleted and added again is probed" 2

kill -HUP "$CONTROLLER"
must lbctl backend add web-4-tcp 10.0.0.11
health_becomes "up up" "after SIGHUP the controller continues" 1 2
ok "SIGHUP does not replace the process" controller_runs "$CONTROLLER"
finish
