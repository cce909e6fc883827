#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A service with --spill whose backends are all down spills, as long as the other service has
# somebody up: deputies are as healthy as whom they stand for. Only when nobody is up there
# either does it fail open.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 3
must lbctl attach front back
must lbctl service add sorry 192.0.2.20:80/tcp --check "$CHECK"
must lbctl backend add sorry 10.0.0.12
must lbctl backend add sorry 10.0.0.13
service 4 tcp 80 "1" --check "$CHECK" --spill sorry
controller_start

spill_health_is() { # WORDS: health of sorry's backends
	[[ $(value 'map(.health) | join(" ")' backend list sorry) == "$1" ]]
}

health_becomes "up" "the service's backend is up" 1
ok "and those of the other service" await 30 spill_health_is "up up"
is "$(fetch 30 "$(url "$VIP4")")" "b1=30" "the service has its connections to itself"

backend_kill 1
health_becomes "down" "its only backend dies" 1
is "$(fetch 30 "$(url "$VIP4")")" "b2=15 b3=15" "everything is spilled"
is "$(event_count fail-open)" 0 "and nothing fails open"
not_ok "which status --strict finds degraded" lbctl status --strict
backend_kill 2
ok "one of the other service dies" await 30 spill_health_is "down up"
is "$(fetch 30 "$(url "$VIP4")")" "b3=30" "its deputy gets nothing either"

backend_kill 3
ok "everybody is down" await 30 spill_health_is "down down"
is "$(value '.services | map(.fail_open) | all' status)" true "both services fail open"
is "$(event_count fail-open)" 2 "as events tell"
backend_revive 1
health_becomes "up" "one comes back" 1
is "$(fetch 30 "$(url "$VIP4")")" "b1=30" "and has everything of its service"
is "$(value '.services | map(select(.fail_open).name) | join(" ")' status)" sorry "which fails open no more"
backend_kill 1
health_becomes "down" "down again" 1
backend_revive 3
ok "the other service has somebody" await 30 spill_health_is "down up"
is "$(fetch 30 "$(url "$VIP4")")" "b3=30" "who gets everything"
is "$(value '.services | map(.fail_open) | any' status)" false "nothing fails open"
checksums_are_right
finish
