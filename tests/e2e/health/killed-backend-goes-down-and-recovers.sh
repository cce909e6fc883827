#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A backend whose server is killed is found out by its check: no new flow goes there, until
# the server is back and passes again.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "1 1 1" --check "http:/healthz,${CHECK#*,}"
is "$(health 1 2 3)" "unknown unknown unknown" "health is unknown until somebody looks"
controller_start
health_becomes "up up up" "the controller finds everybody up" 1 2 3

backend_kill 2
health_becomes "up down up" "a killed backend is down" 1 2 3
is "$(fetch 60 "$(url "$VIP4")")" "b1=30 b3=30" "and gets no new flow"
is "$(backend_field web-4-tcp 2 effective_weight)" 0 "its effective weight is 0"
is "$(backend_field web-4-tcp 2 weight)" 1 "its configured one is what it was"
like "$(lbctl backend show web-4-tcp 10.0.0.12)" "failed, .*refused" "backend show says why"
not_ok "status --strict finds it degraded" lbctl status --strict

backend_revive 2
health_becomes "up up up" "back it is up" 1 2 3
ok "and gets flows again" grep -q b2 <<<"$(fetch 90 "$(url "$VIP4")")"
is "$(value .generation status)" 4 "the generation counts operators' changes only"

must lbctl service set web-4-tcp --check none
is "$(health 1 2 3)" "unknown unknown unknown" "without a check health is unknown again"
backend_kill 1
is "$(health 1)" unknown "and nobody looks"
checksums_are_right
finish
