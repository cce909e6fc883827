#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Neighbours that the kernel forgets (flushed, or their link was down) are known again at
# once if somebody follows them, and no request fails. By dsr, whose packets the kernel
# does not forward, they stay unknown otherwise.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 1
must lbctl attach front back
vips_on_backends
must on b1 "$LBCTL" --instance "$NAME-b1" decap eth0

flush_neighbours() {
	must on balancer ip neigh flush dev back
	must on balancer ip -6 neigh flush dev back
}

flap() {
	must on balancer ip link set back down
	must on balancer ip link set back up
	must on balancer ip addr replace 2001:db8:3::1/64 dev back nodad
}

is_not_reached() { # FAMILY
	! is_reached "$1"
}

for family in 4 6; do
	service "$family" tcp 80 1 --forward dsr
	ok "IPv$family: it answers" await 5 is_reached "$family"
	flush_neighbours
	ok "IPv$family: a neighbour that is forgotten is not reached after a while" await 5 is_not_reached "$family"
	not_ok "IPv$family: nor later" await 2 is_reached "$family"
	ok "IPv$family: which is counted" test "$(value .outcomes.no_neighbour status)" -gt 0
	nexthop_tracking_start
	ok "IPv$family: it is by who follows neighbours" await 3 is_reached "$family"
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
		until=$((SECONDS + 3)) # the next hop that the program keeps has to be asked for anew
		while ((SECONDS < until)); do
			load_wait 20
		done
		load_end
		no_failures "$what: no request fails when the neighbour is forgotten"
		flap
		ok "$what: and it is reached again when the link is up again" await 3 is_reached "$family"
		nexthop_tracking_end
		must lbctl service del "web-$family-tcp" --force
	done
done
must on b1 "$LBCTL" --instance "$NAME-b1" decap --off
finish
