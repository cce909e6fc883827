#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The balancer talks to its backends while it balances, as health checks do.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

for arms in two one; do
	if [[ $arms == two ]]; then
		lab_up --backends 2
		must lbctl attach front back
	else
		lab_up --backends 2 --one-armed
		must lbctl attach front
	fi
	serve udp-echo 5353
	for family in 4 6; do
		service "$family" tcp 80 "1 1"
		service "$family" udp 5353 "1 1"
		must fetch 10 "$(url "$(vip_of "$family")")"
		address=$(address_of "$family" 1)
		is "$(on balancer curl -sS --max-time 20 -H 'Connection: close' "$(url "$address")?[1-50]" | tally)" \
			"b1=50" "$arms arm(s): 50 connections to b1 over IPv$family"
		is "$(on balancer "$PEER" udp-flows "$address" 5353 20 | tally)" "b1=20" "$arms arm(s): 20 UDP exchanges with it"
	done
	is "$(value '[.services[].new_flows] | add' status)" 20 "$arms arm(s): they are not counted as a service's"
	checksums_are_right
	rm -f "$WORK"/udp-echo-*
	must "$LAB" down --name "$NAME"
done
finish
