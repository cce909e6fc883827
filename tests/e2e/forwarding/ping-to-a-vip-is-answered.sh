#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Who pings a service's address, which no host has, is answered by the balancer.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 1
must lbctl attach front back

for family in 4 6; do
	vip=$(vip_of "$family")
	not_ok "before there is a service nobody answers at $vip" \
		on client ping -q -n -c 1 -W 1 "$vip"
	service "$family" tcp 80 1
	for size in 0 56 1400; do
		ok "20 pings of $size bytes to $vip" \
			on client ping -q -n -c 20 -i 0.01 -W 10 -s "$size" "$vip"
	done
	must lbctl service del "web-$family-tcp" --force
	not_ok "after it is deleted nobody answers at $vip" \
		on client ping -q -n -c 1 -W 1 "$vip"
done
is "$(value .outcomes.echo_answered status)" 120 "each is counted"
finish
