#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The balancer answers echo requests to a VIP, which no host has.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 1

for family in 4 6; do
	vip=$(vip_of "$family")
	not_ok "$vip does not answer before there is a service" on client ping -q -n -c 1 -W 1 "$vip"
	service "$family" tcp 80 1
	for size in 0 56 1400; do
		ok "20 pings of $size bytes to $vip" \
			on client ping -q -n -c 20 -i 0.01 -W "$LIMIT_S" -s "$size" "$vip"
	done
	must lbctl service del "web-$family-tcp" --force
	not_ok "$vip does not answer after the service is deleted" on client ping -q -n -c 1 -W 1 "$vip"
done
is "$(outcome_count echo_answered)" 120 "each request is counted as echo_answered"
finish
