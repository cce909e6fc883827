#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Datagrams larger than the wire's MTU travel in fragments, there and back: each arrives
# whole, at the backend that its flow belongs to.
# shellcheck source=tests/lib/e2e.bash
source "$(dirname "$0")/../lib/e2e.bash"

for arms in two one; do
	if [[ $arms == two ]]; then
		lab_up
		must lbctl attach front back
	else
		lab_up --one-armed
		must lbctl attach front
	fi
	serve udp-echo 5353
	for family in 4 6; do
		vip=$(vip_of "$family")
		service "$family" udp 5353 "5 3 1"
		is "$(udp 18 "$vip" 5353 --size 4000 --times 3)" "b1=10 b2=6 b3=2" \
			"$arms arm(s): datagrams of 4000 bytes over IPv$family, 3 each from 18 ports"
		is "$(udp 9 "$vip" 5353 --size 60000 --from 30000)" "b1=5 b2=3 b3=1" \
			"$arms arm(s): datagrams of 60000 bytes over IPv$family"
	done
	is "$(value '.outcomes | [.fragment, .fragment_unknown, .reply_unknown] | add' status)" 0 \
		"$arms arm(s): no fragment went astray"
	checksums_are_right
	rm -f "$WORK"/udp-echo-*
	must "$LAB" down --name "$NAME"
done
finish
