#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# If a backend's route moves to another gateway or interface, the controller updates its next hop,
# whatever the neighbour table contained before.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
vips_on_backends
FAR4=10.9.0.1 # addresses that both backends have
FAR6=2001:db8:9::1
# Backend 1 has a second interface, eth1, that leads to the balancer's interface `aside`.
ip link add aside netns "lb-$NAME-balancer" type veth peer name eth1 netns "lb-$NAME-b1"
for words in "balancer aside 1" "b1 eth1 11"; do
	read -r part interface number <<<"$words"
	must on "$part" ethtool -K "$interface" tx off gro on txvlan off
	must on "$part" ip link set "$interface" up
	must on "$part" ip addr add "10.0.0.$number/32" dev "$interface"
	must on "$part" ip addr add "2001:db8:3::$number/128" dev "$interface" nodad
done
must on b1 ip route add default via 10.0.0.1 dev eth1 onlink metric 5000
must on balancer ip addr add fe80::1/64 dev aside nodad
must on b1 ip -6 route add default via fe80::1 dev eth1 metric 5000
for part in b1 b2; do
	must on "$part" ip addr add "$FAR4/32" dev lo
	must on "$part" ip addr add "$FAR6/128" dev lo nodad
done
must lbctl_on b1 decap eth0 eth1 --address "$FAR4,$FAR6,10.0.0.11,2001:db8:3::11"
must lbctl_on b2 decap eth0 --address "$FAR4,$FAR6"
must lbctl attach front back aside

far_address() { # FAMILY
	[[ $1 == 4 ]] && echo "$FAR4" || echo "$FAR6"
}

route() { # FAMILY WORDS...
	must on balancer ip "-$1" route replace "${@:2}"
}

begin() { # FORWARD FAMILY BACKEND
	must lbctl service add web "$(bracket "$(vip_of "$2")"):80/tcp" --forward "$1"
	must lbctl backend add web "$3"
	nexthop_tracking_start
}

# An interface that was down has lost its IPv6 address and its routes.
restore() {
	must on b1 ip addr add 2001:db8:3::11/64 dev eth0 nodad
	must on b1 ip route add default via 10.0.0.1 dev eth0
	must on b1 ip -6 route add default via 2001:db8:3::1 dev eth0
}

end() {
	nexthop_tracking_end
	must lbctl service del web --force
}

for forward in nat ipip; do
	for family in 4 6; do
		what="$forward, IPv$family"
		route "$family" "$(far_address "$family")" via "$(address_of "$family" 1)"
		begin "$forward" "$family" "$(far_address "$family")"
		ok "$what: the backend is reached through its gateway" await 5 is_reached "$family" b1
		route "$family" "$(far_address "$family")" via "$(address_of "$family" 2)"
		ok "$what: after the route has moved, another gateway is used" await 3 is_reached "$family" b2
		must on balancer ip "-$family" neigh flush to "$(address_of "$family" 1)"
		route "$family" "$(far_address "$family")" via "$(address_of "$family" 1)"
		ok "$what: a gateway without a neighbour entry is resolved" await 3 is_reached "$family" b1
		end
	done
done

for forward in nat dsr ipip; do
	for family in 4 6; do
		what="$forward, IPv$family"
		address=$(address_of "$family" 1)
		begin "$forward" "$family" "$address"
		ok "$what: the backend is reached through its interface" await 5 is_reached "$family"
		route "$family" "$address" dev aside
		must on b1 ip link set eth0 down
		ok "$what: after the route has moved, another interface is used" await 3 is_reached "$family"
		must on b1 ip link set eth0 up
		restore
		must on balancer ip "-$family" route del "$address" dev aside
		ok "$what: the first interface is used again" await 3 is_reached "$family"
		end
	done
done
decap_on_backends --off
finish
