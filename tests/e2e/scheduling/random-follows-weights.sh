#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Scheduler random draws for every flow. Shares are within five standard deviations
# of the weights (of 900 flows: 500 +- 75, 300 +- 71, 100 +- 48), and no pattern repeats.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
serve udp-echo 5353

share() { # TALLY BACKEND
	tr ' ' '\n' <<<"$1" | sed -n "s/^b$2=//p"
}

within_chance() { # TALLY TEXT
	local b1 b2 b3
	b1=$(share "$1" 1) b2=$(share "$1" 2) b3=$(share "$1" 3)
	is "$((b1 + b2 + b3))" 900 "$2: everybody was answered"
	between 425 "$b1" 575 "$2: weight 5 of 9"
	between 229 "$b2" 371 "$2: weight 3 of 9"
	between 52 "$b3" 148 "$2: weight 1 of 9"
}

for family in 4 6; do
	service "$family" tcp 80 "5 3 1" --scheduler random
	service "$family" udp 5353 "5 3 1" --scheduler random
	vip=$(vip_of "$family")
	within_chance "$(fetch 900 "$(url "$vip")")" "TCP over IPv$family"
	within_chance "$(udp 900 "$vip" 5353)" "UDP over IPv$family"
done

sequence() {
	on client curl -sS --max-time 60 -H 'Connection: close' "$(url "$VIP4")?[1-90]"
}
first=$(sequence)
second=$(sequence)
not_ok "90 draws are not the same as the 90 before" test "$first" = "$second"
checksums_are_right
finish
