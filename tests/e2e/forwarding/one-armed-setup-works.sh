#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Clients and backends on one wire: packets leave through the interface that they arrived on.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --one-armed
serve udp-echo 5353

for family in 4 6; do
	service "$family" tcp 80 "5 3 1"
	service "$family" udp 5353 "5 3 1"
	vip=$(vip_of "$family")
	is "$(fetch 900 "$(url "$vip")")" "b1=500 b2=300 b3=100" "IPv$family: 900 connections are split 500, 300, 100"
	is "$(udp 90 "$vip" 5353)" "b1=50 b2=30 b3=10" "IPv$family: 90 UDP flows are split 50, 30, 10"
done
is "$(value '[.attached[].interface] | tostring' status)" '["front"]' "status shows the interface"
is "$(value '.outcomes | [.to_stack, .no_route, .aborted] | add' status)" 0 "the program itself sends every packet"

load "$VIP4" 80 --keep 6
load_wait 100
must lbctl backend drain web-4-tcp 10.0.0.11
load_wait 100
load_end
no_failures "no request fails during a drain"
connections_stayed "connections stay on their backends"
checksums_are_right
finish
