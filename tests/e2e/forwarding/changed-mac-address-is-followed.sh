#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A backend that changes its hardware address, announced or not, is soon reached again if
# somebody follows the neighbours; and not if nobody does and it says nothing.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 1
must lbctl attach front back
vips_on_backends
must on b1 "$LBCTL" --instance "$NAME-b1" decap eth0

changes=0
move() { # ANNOUNCED
	must on b1 sysctl -qw net.ipv4.conf.eth0.arp_notify="$1" net.ipv6.conf.eth0.ndisc_notify="$1"
	changes=$((changes + 1))
	must on b1 ip link set eth0 address "$(printf '02:00:00:00:77:%02x' $changes)"
}

for forward in nat dsr ipip; do
	for family in 4 6; do
		what="$forward, IPv$family"
		service "$family" tcp 80 1 --forward "$forward"
		ok "$what: it answers" await 5 is_reached "$family"
		move 0
		not_ok "$what: an address that changes silently is lost" await 3 is_reached "$family"
		nexthop_tracking_start
		ok "$what: and found by who follows neighbours" await 3 is_reached "$family"
		for announced in 0 1; do
			move "$announced"
			ok "$what: as is the next one, announced: $announced" await 3 is_reached "$family"
		done
		nexthop_tracking_end
		must lbctl service del "web-$family-tcp" --force
	done
done
ok "a changed next hop is logged" grep -q "its next hop has changed" <(lbctl events)
must on b1 "$LBCTL" --instance "$NAME-b1" decap --off
finish
