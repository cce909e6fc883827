#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Datagrams larger than the wire's MTU travel in fragments, there and back: each arrives
# whole, at the backend that its flow belongs to.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

SOURCES=10.0.0.64/31,2001:db8:3::64/127

by_snat() {
	local number family
	for number in 64 65; do
		must on balancer ip addr add "10.0.0.$number/32" dev back
		must on balancer ip addr add "2001:db8:3::$number/128" dev back nodad
	done
	for family in 4 6; do
		must lbctl service set "web-$family-udp" --forward snat --source "$SOURCES"
		is "$(udp 18 "$(vip_of "$family")" 5353 --size 4000 --times 3 --from 50000)" "b1=10 b2=6 b3=2" \
			"the same by snat, over IPv$family"
	done
}

for arms in two one; do
	if [[ $arms == two ]]; then
		lab_up
		must lbctl attach front back --max-sources 4
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
	[[ $arms == one ]] || by_snat
	is "$(value '.outcomes | [.fragment, .fragment_unknown, .reply_unknown] | add' status)" 0 \
		"$arms arm(s): no fragment went astray"
	checksums_are_right
	rm -f "$WORK"/udp-echo-*
	must "$LAB" down --name "$NAME"
done
finish
