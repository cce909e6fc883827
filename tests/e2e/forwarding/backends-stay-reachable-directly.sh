#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The balancer also routes: connections to a backend's own address and port are not translated,
# also while the backend serves a service.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
serve udp-echo 5353
for family in 4 6; do
	service "$family" tcp 80 "1 1"
	service "$family" udp 5353 "1 1"
	must fetch 10 "$(url "$(vip_of "$family")")"
	is "$(fetch 50 "$(url "$(address_of "$family" 1)")")" "b1=50" "IPv$family: b1's own address accepts TCP connections"
	is "$(udp 50 "$(address_of "$family" 2)" 5353)" "b2=50" "IPv$family: b2's own address answers UDP flows"
	is "$(fetch 20 "$(url "$(address_of "$family" 1)" 8080)")" "b1=20" "IPv$family: a port without a service accepts connections"
done
is "$(value '[.services[].new_flows] | add' status)" 20 "only connections to the VIPs are counted as flows"
ok "replies of direct connections are counted as reply_unknown" outcome_above reply_unknown 0

# The same client port, directly and through the service in turn.
wrong=""
for ((port = 6001; port <= 6010; port++)); do
	[[ -z $wrong ]] || break
	for address in 10.0.0.11 "$VIP4" 10.0.0.11; do
		got=$(on client "$PEER" from-port "$port" "$address" 80 2>&1) || true
		[[ $got == b[12] ]] || wrong+="$address from $port: ${got##*$'\n'}; "
	done
done
is "$wrong" "" "one client port connects directly and through the service in turn"
checksums_are_right
finish
