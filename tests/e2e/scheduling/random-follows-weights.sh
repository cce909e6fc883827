#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Scheduler random selects a backend at random for each flow. Shares are within five standard
# deviations of the weights (of 900 flows: 500 +- 75, 300 +- 71, 100 +- 48), and no sequence repeats.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
serve udp-echo 5353

share() { # TALLY BACKEND
	tr ' ' '\n' <<<"$1" | sed -n "s/^b$2=//p"
}

follows_weights() { # TALLY TEXT
	local b1 b2 b3
	b1=$(share "$1" 1) b2=$(share "$1" 2) b3=$(share "$1" 3)
	is "$((b1 + b2 + b3))" 900 "$2: all connections are answered"
	between 425 "$b1" 575 "$2: b1 gets about 5 of 9"
	between 229 "$b2" 371 "$2: b2 gets about 3 of 9"
	between 52 "$b3" 148 "$2: b3 gets about 1 of 9"
}

for family in 4 6; do
	service "$family" tcp 80 "5 3 1" --scheduler random
	service "$family" udp 5353 "5 3 1" --scheduler random
	vip=$(vip_of "$family")
	follows_weights "$(fetch 900 "$(url "$vip")")" "IPv$family, 900 connections"
	follows_weights "$(udp 900 "$vip" 5353)" "IPv$family, 900 UDP flows"
done

sequence() {
	client_curl -H 'Connection: close' "$(url "$VIP4")?[1-90]"
}
first=$(sequence)
second=$(sequence)
not_ok "two sequences of 90 connections differ" test "$first" = "$second"
checksums_are_right
finish
