#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# If every backend of a service is down, the service fails open: it ignores health, and status,
# exit codes and events show that. In this test the check is wrong, not the servers.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up
service 4 tcp 80 "1 1 1" --check "http:/none,${CHECK#*,}"
must lbctl service set web-4-tcp --reset-dead on
must lbctl backend drain web-4-tcp 10.0.0.13
controller_start
health_becomes "down down down" "all backends fail the check" 1 2 3
is "$(fetch 20 "$(url "$VIP4")")" "b1=10 b2=10" "all ready backends get flows, although they are down"
is "$(backend_field web-4-tcp 1 effective_weight)" 1 "a backend that is down keeps its effective weight"
is "$(backend_field web-4-tcp 3 effective_weight)" 0 "a draining backend gets no flow"
is "$(value '.services[0].fail_open' status)" true "JSON status has fail_open"
like "$(lbctl status)" "FAIL OPEN" "text status shows FAIL OPEN"
not_ok "status --strict fails" lbctl status --strict
becomes 1 "an event records the start of fail open" event_count fail-open

must lbctl service set web-4-tcp --check "http:/healthz,${CHECK#*,}"
health_becomes "up up up" "all backends pass another check" 1 2 3
becomes false "the service no longer fails open" value '.services[0].fail_open' status
becomes 1 "an event records the end of fail open" event_count recovered
checksums_are_right
finish
