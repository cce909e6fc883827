#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Datagrams larger than the MTU are fragmented in both directions: each arrives complete, at the
# backend of its flow.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

attach_flags=(--max-sources 4)
SOURCES=10.0.0.64/31,2001:db8:3::64/127

send_in_snat_mode() {
	local number family
	for number in 64 65; do
		must on balancer ip addr add "10.0.0.$number/32" dev back
		must on balancer ip addr add "2001:db8:3::$number/128" dev back nodad
	done
	for family in 4 6; do
		must lbctl service set "web-$family-udp" --forward snat --source "$SOURCES"
		is "$(udp 18 "$(vip_of "$family")" 5353 --size 4000 --times 3 --from 50000)" "b1=10 b2=6 b3=2" \
			"snat mode, IPv$family: datagrams of 4000 bytes arrive"
	done
}

send_fragments() { # ARMS
	local family vip
	serve udp-echo 5353
	for family in 4 6; do
		vip=$(vip_of "$family")
		service "$family" udp 5353 "5 3 1"
		is "$(udp 18 "$vip" 5353 --size 4000 --times 3)" "b1=10 b2=6 b3=2" \
			"$1, IPv$family: 54 datagrams of 4000 bytes of 18 flows arrive"
		is "$(udp 9 "$vip" 5353 --size 60000 --from 30000)" "b1=5 b2=3 b3=1" "$1, IPv$family: datagrams of 60000 bytes arrive"
	done
	[[ $1 == "one arm" ]] || send_in_snat_mode
	is "$(value '.outcomes | [.fragment, .fragment_unknown, .reply_unknown] | add' status)" 0 "$1: every fragment is matched to its flow"
	checksums_are_right
}

for_arms send_fragments
finish
