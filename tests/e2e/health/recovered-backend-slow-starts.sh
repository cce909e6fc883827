#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Slow start: a backend that recovers or joins others starts with a tenth of its weight, which grows
# to all of it in 30 s. When the controller starts, no backend starts slowly.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up
service 4 tcp 80 "1 1" --check "$CHECK"
controller_start
health_becomes "up up" "both backends are up" 1 2
factors() {
	lbctl -j backend list web-4-tcp | jq -c 'map(.slow_start)'
}
starts_slowly() { # INDEX
	[[ $(factors | jq ".[$1] < 1") == true ]]
}
# A stopped controller leaves the weights as they are.
freeze() {
	kill -STOP "$CONTROLLER"
}
go_on() {
	kill -CONT "$CONTROLLER"
}

is "$(factors)" "[1,1]" "when the controller starts, no backend starts slowly"
must fetch 10 "$(url "$VIP4")" # only beside backends with traffic a backend starts slowly

must lbctl backend add web-4-tcp 10.0.0.13
ok "an added backend starts slowly" await 10 starts_slowly 2
freeze
ok "the added backend has an effective weight below 1" test "$(backend_field web-4-tcp 3 'effective_weight < 1')" = true
is "$(backend_field web-4-tcp 3 weight)" 1 "its configured weight does not change"
like "$(lbctl backend show web-4-tcp 10.0.0.13)" "slow start +x 0" "backend show has the factor"
first=$(factors | jq '.[2]')
go_on
factor_has_grown() {
	[[ $(factors | jq ".[2] > $first") == true ]]
}
ok "the factor grows" await 20 factor_has_grown

must lbctl backend weight web-4-tcp 10.0.0.13 0
backend_kill 1
health_becomes "down up" "one backend is down" 1 2
backend_revive 1
health_becomes "up up" "the backend recovers" 1 2
ok "the recovered backend starts slowly" starts_slowly 0
controller_kill
controller_start
ok "a restarted controller continues the slow start" starts_slowly 0
freeze
counts=$(fetch 110 "$(url "$VIP4")")
go_on
between 1 "$(sed -n 's/.*b1=\([0-9]*\).*/\1/p' <<<"$counts")" 50 "the recovered backend gets less than half: $counts"

must lbctl service add single 192.0.2.11:80/tcp --check "$CHECK"
must lbctl backend add single 10.0.0.12
becomes up "a new service's first backend is up" service_health single
is "$(lbctl -j backend list single | jq -c 'map(.slow_start)')" "[1]" "the first backend starts with full weight"
finish
