#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Connections and UDP flows are split in the ratio of the weights, exactly.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

counters_are() { # SERVICE NEW-FLOWS OF EACH BACKEND
	is "$(value '[.[].new_flows] | tostring' backend list "$1")" "$2" "$1: the counters of the backends show the same split"
	is "$(value .new_flows service show "$1")" "$(value '[.[].new_flows] | add' backend list "$1")" \
		"$1: the service's counter is the sum of its backends"
}

split_tcp() { # FAMILY
	local url
	service "$1" tcp 80 "5 3 1"
	url=$(url "$(vip_of "$1")")
	is "$(fetch 900 "$url")" "b1=500 b2=300 b3=100" "IPv$1: 900 connections in turn are split 500, 300, 100"
	is "$(fetch_parallel 900 "$url")" "b1=500 b2=300 b3=100" "IPv$1: 900 connections, 50 at a time, are split 500, 300, 100"
	counters_are "web-$1-tcp" "[1000,600,200]"
}

# A flow is a client port here.
split_udp() { # FAMILY
	local vip
	vip=$(vip_of "$1")
	service "$1" udp 5353 "5 3 1"
	is "$(udp 900 "$vip" 5353)" "b1=500 b2=300 b3=100" "IPv$1: 900 UDP flows are split 500, 300, 100"
	is "$(udp 90 "$vip" 5353 --times 5 --from 30000)" "b1=50 b2=30 b3=10" "IPv$1: one backend gets all datagrams of a flow"
	is "$(udp 9 "$vip" 5353 --size 1400 --from 31000)" "b1=5 b2=3 b3=1" "IPv$1: datagrams of 1400 bytes arrive whole"
	is "$(udp 9 "$vip" 5353 --size 1 --from 32000)" "b1=5 b2=3 b3=1" "IPv$1: datagrams of 1 byte arrive whole"
	counters_are "web-$1-udp" "[560,336,112]"
}

balancer_up
serve udp-echo 5353
for family in 4 6; do
	for protocol in tcp udp; do
		"split_$protocol" "$family"
		is "$(value '.outcomes | [.to_stack, .no_backend, .no_route, .malformed, .aborted] | add' status)" 0 \
			"IPv$family, $protocol: the program itself forwarded every packet"
	done
done
checksums_are_right
finish
