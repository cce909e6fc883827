#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Packets that are neither to a VIP nor from a backend pass to the stack.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
service 4 tcp 80 "1 1"
service 6 tcp 80 "1 1"

for address in 198.51.100.1 2001:db8:1::1 10.0.0.11 2001:db8:3::11; do
	ok "$address answers pings" on client ping -q -n -c 3 -i 0.01 -W "$LIMIT_S" "$address"
	ok "$address answers pings in fragments" on client ping -q -n -c 3 -i 0.01 -W "$LIMIT_S" -s 5000 "$address"
done
must on client ip neigh flush all
ok "neighbours are resolved again over IPv4" on client ping -q -n -c 1 -W "$LIMIT_S" 198.51.100.1
ok "neighbours are resolved again over IPv6" on client ping -q -n -c 1 -W "$LIMIT_S" 2001:db8:1::1
not_ok "another port of a VIP is not balanced" connects "$(url "$VIP4" 81)"
not_ok "another address is not balanced" connects "$(url 192.0.2.11)"
for name in passed not_ip not_tcp_udp fragment; do
	ok "the packets are counted as $name" outcome_above "$name" 0
done
is "$(value '.outcomes | [.forwarded, .replied, .no_backend, .malformed] | add' status)" 0 "no packet is counted as balanced"
checksums_are_right
finish
