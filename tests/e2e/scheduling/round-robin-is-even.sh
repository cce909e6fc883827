#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Scheduler rr ignores weights, except a weight of 0: such a backend gets no flow.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
serve udp-echo 5353

for family in 4 6; do
	service "$family" tcp 80 "5 3 1" --scheduler rr
	service "$family" udp 5353 "5 3 1" --scheduler rr
	vip=$(vip_of "$family")
	is "$(fetch 300 "$(url "$vip")")" "b1=100 b2=100 b3=100" "IPv$family: 300 connections are split evenly"
	is "$(udp 300 "$vip" 5353)" "b1=100 b2=100 b3=100" "IPv$family: 300 UDP flows are split evenly"
done
must lbctl backend weight web-4-tcp 10.0.0.12 0
is "$(fetch 300 "$(url "$VIP4")")" "b1=150 b3=150" "a backend with weight 0 gets no connection"
checksums_are_right
finish
