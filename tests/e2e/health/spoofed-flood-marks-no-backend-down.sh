#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Traffic can only trigger a check, not change health: neither spoofed SYNs nor a backend that
# ignores them mark a backend down that passes its check.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

PAUSE_S=30 # between two passive failures of a backend

balancer_up
vips_on_backends
must on balancer ip route add 203.0.113.0/24 via 198.51.100.2
must on b2 nft "add table inet t; add chain inet t c { type filter hook input priority 0; }
	add rule inet t c ip saddr 203.0.113.0/24 drop"

flood_has_reached() { # NEW-FLOWS of each backend
	[[ $(value "map(.new_flows >= $1) | all" backend list web-4-tcp) == true ]]
}

# Backends with passive failures, and how many of these came sooner than PAUSE_S after the one before.
passive_failures() {
	lbctl -j events | jq -r --argjson pause $PAUSE_S 'map(select(.event == "passive-failure"))
		| (map(.address) | unique | join(" ")) as $addresses
		| map(.time | sub("\\.[0-9]+"; "") | fromdate)
		| "\($addresses), \([range(1; length) as $i | .[$i] - .[$i - 1] | select(. < $pause - 1)] | length) too soon"'
}

for forward in nat dsr; do
	must lbctl service add web-4-tcp "$VIP4:80/tcp" --forward "$forward" --check tcp,interval=10m,timeout=3s
	for number in 1 2 3; do
		must lbctl backend add web-4-tcp "10.0.0.1$number"
	done
	must lbctl check web-4-tcp
	controller_start
	start on client "$ROOT/tests/lib/shell/syn_sender.py" flood "$VIP4" 80
	flooder=$STARTED
	ok "$forward: all backends receive spoofed SYNs" await 30 flood_has_reached 300
	if [[ $forward == nat ]]; then
		ok "nat: the backend that ignores them, b2, is checked" await 30 has_event passive-failure
		ok "nat: b2 passes the check" await 30 probed_since 10.0.0.12 1
	fi
	ok "$forward: the flood continues" await 30 flood_has_reached 1000
	is "$(health 1 2 3)" "up up up" "$forward: all backends are still up"
	is "$(passive_failures)" "10.0.0.12, 0 too soon" "$forward: only b2 has passive failures, with pauses"
	like "$(fetch 30 "$(url "$VIP4")")" "^b1=[0-9]+ b2=[0-9]+ b3=[0-9]+$" "$forward: all clients are answered"
	stop "$flooder"
	controller_stop
	must lbctl service del web-4-tcp --force
done
is "$(event_count down)" 0 "no event marks a backend down"
finish
