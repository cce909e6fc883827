#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# If all backends of a service with --spill are down, it spills as long as the spill service has a
# backend up: alias backends have the health of the backends that they stand for. Only if all
# backends of both services are down does the service fail open.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up
must lbctl service add sorry 192.0.2.20:80/tcp --check "$CHECK"
must lbctl backend add sorry 10.0.0.12
must lbctl backend add sorry 10.0.0.13
service 4 tcp 80 "1" --check "$CHECK" --spill sorry
controller_start

health_becomes "up" "the service's only backend is up" 1
becomes "up up" "both backends of the spill service are up" service_health sorry
is "$(fetch 30 "$(url "$VIP4")")" "b1=30" "nothing is spilled"

backend_kill 1
health_becomes "down" "the service's backend is down" 1
is "$(fetch 30 "$(url "$VIP4")")" "b2=15 b3=15" "everything is spilled"
is "$(event_count fail-open)" 0 "no service fails open"
not_ok "status --strict fails" lbctl status --strict
backend_kill 2
becomes "down up" "one backend of the spill service is down" service_health sorry
is "$(fetch 30 "$(url "$VIP4")")" "b3=30" "a backend that is down gets no spilled connection"

backend_kill 3
becomes "down down" "both backends of the spill service are down" service_health sorry
becomes true "both services fail open" value '.services | map(.fail_open) | all' status
becomes 2 "events record that both services fail open" event_count fail-open
backend_revive 1
health_becomes "up" "the service's backend is up again" 1
is "$(fetch 30 "$(url "$VIP4")")" "b1=30" "nothing is spilled"
is "$(value '.services | map(select(.fail_open).name) | join(" ")' status)" sorry "only the spill service fails open"
backend_kill 1
health_becomes "down" "the service's backend is down again" 1
backend_revive 3
becomes "down up" "a backend of the spill service is up" service_health sorry
is "$(fetch 30 "$(url "$VIP4")")" "b3=30" "the backend that is up gets all spilled connections"
is "$(value '.services | map(.fail_open) | any' status)" false "no service fails open"
checksums_are_right
finish
