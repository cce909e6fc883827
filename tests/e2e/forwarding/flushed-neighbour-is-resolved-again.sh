#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# If the kernel loses a backend's neighbour entry (flushed, or the link was down), the controller
# resolves it again and no request fails. Without a controller, dsr packets stay without a
# neighbour, because the kernel does not forward them.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 1
vips_on_backends
decap_on_backends eth0

flush_neighbours() {
	must on balancer ip neigh flush dev back
	must on balancer ip -6 neigh flush dev back
}

flap() {
	must on balancer ip link set back down
	must on balancer ip link set back up
	must on balancer ip addr replace 2001:db8:3::1/64 dev back nodad
}

for family in 4 6; do
	service "$family" tcp 80 1 --forward dsr
	ok "IPv$family, no controller: the backend is reached" await 5 is_reached "$family"
	flush_neighbours
	ok "IPv$family, no controller: after a flush it becomes unreachable" await 5 is_never_reached "$family"
	ok "IPv$family: the packets are counted as no_neighbour" outcome_above no_neighbour 0
	nexthop_tracking_start
	ok "IPv$family: a controller resolves the neighbour" await 3 is_reached "$family"
	nexthop_tracking_end
	must lbctl service del "web-$family-tcp" --force
done

for forward in nat dsr ipip; do
	for family in 4 6; do
		what="$forward, IPv$family"
		service "$family" tcp 80 1 --forward "$forward"
		nexthop_tracking_start
		must await 5 is_reached "$family"
		load "$(vip_of "$family")" 80
		load_wait 20
		flush_neighbours
		until=$((SECONDS + 3)) # the program's cached next hop expires within these 3 s
		while ((SECONDS < until)); do
			load_wait 20
		done
		load_end
		no_failures "$what: no request fails after a flush"
		flap
		ok "$what: the backend is reached after the link was down" await 3 is_reached "$family"
		nexthop_tracking_end
		must lbctl service del "web-$family-tcp" --force
	done
done
decap_on_backends --off
finish
