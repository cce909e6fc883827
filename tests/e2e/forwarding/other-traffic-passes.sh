#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is neither for a service nor from a backend is the kernel's.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1"
service 6 tcp 80 "1 1"

for address in 198.51.100.1 2001:db8:1::1 10.0.0.11 2001:db8:3::11; do
	ok "ping $address" on client ping -q -n -c 3 -i 0.01 -W 10 "$address"
	ok "ping $address in fragments" on client ping -q -n -c 3 -i 0.01 -W 10 -s 5000 "$address"
done
must on client ip neigh flush all
ok "neighbours are found anew over IPv4" on client ping -q -n -c 1 -W 10 198.51.100.1
ok "neighbours are found anew over IPv6" on client ping -q -n -c 1 -W 10 2001:db8:1::1
not_ok "another port of a service's address is nobody's" on client curl -sS --connect-timeout 2 "$(url "$VIP4" 81)"
not_ok "so is another address" on client curl -sS --connect-timeout 2 "$(url 192.0.2.11)"
for name in passed not_ip not_tcp_udp fragment; do
	ok "such packets are counted: $name" test "$(value ".outcomes.$name" status)" -gt 0
done
is "$(value '.outcomes | [.forwarded, .replied, .no_backend, .malformed] | add' status)" 0 "and as nothing else"
checksums_are_right
finish
