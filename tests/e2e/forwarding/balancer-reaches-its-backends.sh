#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The balancer itself connects to its backends while it balances, as health checks do.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

connect_from_balancer() { # ARMS
	local family address
	serve udp-echo 5353
	for family in 4 6; do
		service "$family" tcp 80 "1 1"
		service "$family" udp 5353 "1 1"
		must fetch 10 "$(url "$(vip_of "$family")")"
		address=$(address_of "$family" 1)
		is "$(on balancer curl -sS --max-time "$LIMIT_S" -H 'Connection: close' "$(url "$address")?[1-50]" | tally)" \
			"b1=50" "$1, IPv$family: b1 accepts 50 TCP connections"
		is "$(on balancer "$PEER" udp-flows "$address" 5353 20 | tally)" "b1=20" "$1, IPv$family: b1 answers 20 UDP flows"
	done
	is "$(value '[.services[].new_flows] | add' status)" 20 "$1: the balancer's own connections are not flows of a service"
	checksums_are_right
}

for_arms connect_from_balancer --backends 2
finish
