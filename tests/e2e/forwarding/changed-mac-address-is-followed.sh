#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# If a backend's MAC address changes, the controller finds the new one, announced or not.
# Without a controller, an unannounced change makes the backend unreachable.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 1
vips_on_backends
decap_on_backends eth0

changes=0
# A backend that still sends packets of an open connection resolves the balancer's address again
# after the change, which announces its new address.
is_idle() {
	[[ -z $(on b1 ss -Htan state connected exclude time-wait 'sport = :80') ]]
}

change_mac() { # ANNOUNCED
	must await 20 is_idle
	must on b1 sysctl -qw net.ipv4.conf.eth0.arp_notify="$1" net.ipv6.conf.eth0.ndisc_notify="$1"
	changes=$((changes + 1))
	must on b1 ip link set eth0 address "$(printf '02:00:00:00:77:%02x' $changes)"
}

for forward in nat dsr ipip; do
	for family in 4 6; do
		what="$forward, IPv$family"
		service "$family" tcp 80 1 --forward "$forward"
		ok "$what: the backend is reached" await 5 is_reached "$family"
		change_mac 0
		ok "$what: after an unannounced change it is not reached" is_never_reached "$family"
		nexthop_tracking_start
		ok "$what: a controller finds the new address" await 3 is_reached "$family"
		for announced in 0 1; do
			change_mac "$announced"
			ok "$what: it follows a change, announced=$announced" await 3 is_reached "$family"
		done
		nexthop_tracking_end
		must lbctl service del "web-$family-tcp" --force
	done
done
ok "a changed next hop is logged" grep -q "its next hop has changed" <(lbctl events)
decap_on_backends --off
finish
