#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A backend with a killed server is marked down by its check and gets no new flow, until the server
# runs again and passes the check.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up
service 4 tcp 80 "1 1 1" --check "http:/healthz,${CHECK#*,}"
is "$(health 1 2 3)" "unknown unknown unknown" "health is unknown before the first probe"
controller_start
health_becomes "up up up" "the controller marks all backends up" 1 2 3

backend_kill 2
health_becomes "up down up" "the killed backend is marked down" 1 2 3
is "$(fetch 60 "$(url "$VIP4")")" "b1=30 b3=30" "the killed backend gets no new connection"
is "$(backend_field web-4-tcp 2 effective_weight)" 0 "the killed backend has an effective weight of 0"
is "$(backend_field web-4-tcp 2 weight)" 1 "its configured weight does not change"
like "$(lbctl backend show web-4-tcp 10.0.0.12)" "failed, .*refused" "backend show has the reason"
not_ok "status --strict fails" lbctl status --strict

backend_revive 2
health_becomes "up up up" "with its server running again, the backend is up" 1 2 3
ok "the backend gets connections again" grep -q b2 <<<"$(fetch 90 "$(url "$VIP4")")"
is "$(value .generation status)" 4 "the generation does not count changes of health"

must lbctl service set web-4-tcp --check none
is "$(health 1 2 3)" "unknown unknown unknown" "without a check, health is unknown"
backend_kill 1
is "$(health 1)" unknown "a killed backend is not probed"
checksums_are_right
finish
