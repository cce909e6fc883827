#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The balancer is a router, too: who speaks to a backend's own address and port gets
# the answer from there, also while the same backend serves a service.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
must lbctl attach front back
serve udp-echo 5353
for family in 4 6; do
	service "$family" tcp 80 "1 1"
	service "$family" udp 5353 "1 1"
	must fetch 10 "$(url "$(vip_of "$family")")"
	is "$(fetch 50 "$(url "$(address_of "$family" 1)")")" "b1=50" "b1 by its own address, TCP over IPv$family"
	is "$(udp 50 "$(address_of "$family" 2)" 5353)" "b2=50" "b2 by its own address, UDP over IPv$family"
	is "$(fetch 20 "$(url "$(address_of "$family" 1)" 8080)")" "b1=20" "and a port that is no service's"
done
is "$(value '[.services[].new_flows] | add' status)" 20 "only the services' connections count as theirs"
ok "the others' replies are counted as reply_unknown" test "$(value .outcomes.reply_unknown status)" -gt 0

# One and the same client port, first straight, then by the service.
wrong=""
for ((port = 6001; port <= 6010; port++)); do
	[[ -z $wrong ]] || break
	for address in 10.0.0.11 "$VIP4" 10.0.0.11; do
		got=$(on client "$PEER" from-port "$port" "$address" 80 2>&1) || true
		[[ $got == b[12] ]] || wrong+="$address from $port: ${got##*$'\n'}; "
	done
done
is "$wrong" "" "straight and by the service from the same port, in turn"
checksums_are_right
finish
