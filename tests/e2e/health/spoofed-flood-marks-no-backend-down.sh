#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What clients make of it has backends checked, and no more: neither SYNs that nobody meant, nor
# a backend that ignores them, take anybody out of service who passes his check.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 3
must lbctl attach front back
vips_on_backends
must on balancer ip route add 203.0.113.0/24 via 198.51.100.2
must on b2 nft "add table inet t; add chain inet t c { type filter hook input priority 0; }
	add rule inet t c ip saddr 203.0.113.0/24 drop"

# Backends in the order of their numbers: new flows of each, at least.
flood_has_reached() { # FLOWS
	[[ $(value "map(.new_flows >= $1) | all" backend list web-4-tcp) == true ]]
}

probed_since() { # BACKEND-NUMBER PROBES
	(($(lbctl -j backend show web-4-tcp "10.0.0.1$1" | jq .check.consecutive) > $2))
}

for forward in nat dsr; do
	must lbctl service add web-4-tcp "$VIP4:80/tcp" --forward "$forward" --check tcp,interval=10m,timeout=1s
	for number in 1 2 3; do
		must lbctl backend add web-4-tcp "10.0.0.1$number"
	done
	must lbctl check web-4-tcp
	controller_start
	before=$(event_count passive-failure)
	start on client "$ROOT/tests/lib/shell/syn_sender.py" flood "$VIP4" 80
	flooder=$STARTED
	ok "$forward: SYNs of others come to everybody" await 30 flood_has_reached 300
	if [[ $forward == nat ]]; then
		ok "who ignores them while others do not is checked" await 30 has_event passive-failure
		ok "and passes" await 30 probed_since 2 1
	fi
	ok "they go on" await 30 flood_has_reached 1000
	is "$(health 1 2 3)" "up up up" "$forward: everybody is up as before"
	is "$(($(event_count passive-failure) - before))" "$([[ $forward == nat ]] && echo 1 || echo 0)" \
		"who was checked once is not soon suspected again"
	like "$(fetch 30 "$(url "$VIP4")")" "^b1=[0-9]+ b2=[0-9]+ b3=[0-9]+$" "and clients are answered, all"
	stop "$flooder"
	controller_stop
	must lbctl service del web-4-tcp --force
done
is "$(event_count down)" 0 "nobody was ever down"
finish
