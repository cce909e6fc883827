#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A client is behind a link with an MTU of 1300 bytes. The ICMP error of the router in front of that
# link goes to the VIP, the balancer relays it to the backend, and large answers arrive.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

# The lab's client becomes the router. The far client is named like a backend, so that the lab
# removes it.
far_client() {
	must ip netns add "lb-$NAME-b9"
	must ip link add far netns "lb-$NAME-client" type veth peer name eth0 netns "lb-$NAME-b9"
	must on client sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	must on client ip link set far mtu 1300 up
	must on client ip addr add 203.0.113.1/24 dev far
	must on client ip addr add 2001:db8:9::1/64 dev far nodad
	must on b9 ip link set eth0 up
	must on b9 ip addr add 203.0.113.2/24 dev eth0
	must on b9 ip addr add 2001:db8:9::2/64 dev eth0 nodad
	must on b9 ip route add default via 203.0.113.1
	must on b9 ip -6 route add default via 2001:db8:9::1
	must on balancer ip route add 203.0.113.0/24 via 198.51.100.2
	must on balancer ip -6 route add 2001:db8:9::/64 via 2001:db8:1::2
}

balancer_up --backends 2
far_client
sum=$(sha256sum <"/run/lbctl-lab-$NAME/big")
before=0
for family in 4 6; do
	service "$family" tcp 80 "1 1"
	for number in 1 2; do
		is "$(on b9 curl -sS --max-time "$LIMIT_S" "$(url "$(vip_of "$family")" 80 /big)" | sha256sum)" "$sum" \
			"IPv$family: a download from b$number passes the narrow link"
	done
	after=$(outcome_count icmp_error_relayed)
	ok "IPv$family: the errors were relayed to both backends" test "$after" -ge $((before + 2))
	before=$after
done
checksums_are_right
finish
