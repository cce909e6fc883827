#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The running program is exchanged many times under load; nobody notices.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
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
bad=""
for ((round = 0; round < 10; round++)); do
	[[ $(lbctl upgrade 2>&1) == changed ]] || bad+="$round "
done
load_wait 50
not_ok "there is another program now" test "$(program)" = "$before"
load_end
is "$bad" "" "10 upgrades succeed"
no_failures "no request failed"
connections_stayed "no connection moved"
is "$(configuration)" "$configured" "the configuration is the same"
ok "counters go on from where they were" test "$(value '.services[0].new_flows' status)" -gt "$flows_before"
is "$(fetch 300 "$(url "$VIP6")")" "b1=100 b2=100 b3=100" "and it balances on"
checksums_are_right
finish
