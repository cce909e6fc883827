#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# When every backend of a service is down by its check, the service fails open: health does not
# count, and that is told loudly. The check is wrong here, the servers are not.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "1 1 1" --check "http:/none,${CHECK#*,}"
must lbctl service set web-4-tcp --reset-dead on
must lbctl backend drain web-4-tcp 10.0.0.13
controller_start
health_becomes "down down down" "a check that nobody passes" 1 2 3
is "$(fetch 20 "$(url "$VIP4")")" "b1=10 b2=10" "all that are ready get flows, whatever health says"
is "$(backend_field web-4-tcp 1 effective_weight)" 1 "their effective weight says so"
is "$(backend_field web-4-tcp 3 effective_weight)" 0 "who is drained gets none"
is "$(value '.services[0].fail_open' status)" true "status tells scripts"
like "$(lbctl status)" "FAIL OPEN" "and people"
not_ok "status --strict is not content" lbctl status --strict
is "$(event_count fail-open)" 1 "an event tells when it began"

must lbctl service set web-4-tcp --check "http:/healthz,${CHECK#*,}"
health_becomes "up up up" "with a better check all are up" 1 2 3
is "$(value '.services[0].fail_open' status)" false "and nothing fails open"
is "$(event_count recovered)" 1 "an event tells when it ended"
checksums_are_right
finish
