#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Slow start: a backend that comes back, or joins others, gets a tenth of its weight at first
# and more from second to second. Nobody does so when the controller starts.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "1 1" --check "$CHECK"
controller_start
health_becomes "up up" "all are up" 1 2
factors() {
	lbctl -j backend list web-4-tcp | jq -c 'map(.slow_start)'
}
is "$(factors)" "[1,1]" "at start-up nobody starts slowly"
fetch 10 "$(url "$VIP4")" >"$WORK/fetched" # so that those who are there are warm

must lbctl backend add web-4-tcp 10.0.0.13
starts_slowly() { # INDEX
	[[ $(factors | jq ".[$1] < 1") == true ]]
}
ok "who is added starts slowly" await 10 starts_slowly 2
ok "the effective weight is less" test "$(backend_field web-4-tcp 3 'effective_weight < 1')" = true
is "$(backend_field web-4-tcp 3 weight)" 1 "the configured one is not"
like "$(lbctl backend show web-4-tcp 10.0.0.13)" "slow start +x 0" "backend show tells"
first=$(factors | jq '.[2]')
factor_has_grown() {
	[[ $(factors | jq ".[2] > $first") == true ]]
}
ok "it grows" await 20 factor_has_grown

must lbctl backend weight web-4-tcp 10.0.0.13 0
backend_kill 1
health_becomes "down up" "one dies" 1 2
backend_revive 1
health_becomes "up up" "and comes back" 1 2
ok "which starts slowly" starts_slowly 0
counts=$(fetch 110 "$(url "$VIP4")")
ones=$(sed -n 's/.*b1=\([0-9]*\).*/\1/p' <<<"$counts")
between 1 "${ones:-0}" 50 "and gets less than half: $counts"

controller_kill
controller_start
ok "the next controller takes it on" starts_slowly 0
must lbctl service add single 192.0.2.11:80/tcp --check "$CHECK"
must lbctl backend add single 10.0.0.12
single_up() {
	[[ $(value '.[0].health' backend list single) == up ]]
}
await 20 single_up
is "$(lbctl -j backend list single | jq -c 'map(.slow_start)')" "[1]" "the first backend of a service starts at once"
finish
