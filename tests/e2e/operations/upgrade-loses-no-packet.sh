#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# upgrade replaces the attached program repeatedly under load. No request fails, no connection moves,
# and configuration and counters are kept.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 3
service 4 tcp 80 "1 1 1"
service 6 tcp 80 "1 1 1"

program() {
	on balancer ip -j -d link show dev front | jq -r '.[0].xdp.prog.id'
}

before=$(program)
configured=$(configuration)
load "$VIP4" 80 --keep 9
load_wait 50
flows_before=$(value '.services[0].new_flows' status)
failed=""
for ((round = 0; round < 10; round++)); do
	[[ $(lbctl upgrade 2>&1) == changed ]] || failed+="$round "
done
load_wait 50
not_ok "another program is attached" test "$(program)" = "$before"
load_end
is "$failed" "" "10 upgrades succeed"
no_failures "no request failed"
connections_stayed "no connection moved"
is "$(configuration)" "$configured" "the configuration is unchanged"
ok "the counters continue" test "$(value '.services[0].new_flows' status)" -gt "$flows_before"
is "$(fetch 300 "$(url "$VIP6")")" "b1=100 b2=100 b3=100" "traffic follows the weights"
checksums_are_right
finish
