#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# --mode generic balances with the same results, without driver support.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up
must lbctl attach --mode generic front back
serve udp-echo 5353
is "$(value '[.attached[].mode] | unique | tostring' status)" '["generic"]' "status shows generic mode"
like "$(on balancer ip link show dev front)" xdpgeneric "ip link shows generic mode"
for family in 4 6; do
	service "$family" tcp 80 "5 3 1"
	service "$family" udp 5353 "5 3 1"
	vip=$(vip_of "$family")
	is "$(fetch 90 "$(url "$vip")")" "b1=50 b2=30 b3=10" "IPv$family: 90 connections are split 50, 30, 10"
	is "$(udp 90 "$vip" 5353)" "b1=50 b2=30 b3=10" "IPv$family: 90 UDP flows are split 50, 30, 10"
	is "$(client_curl "$(url "$vip" 80 /big)" | sha256sum)" \
		"$(sha256sum <"/run/lbctl-lab-$NAME/big")" "IPv$family: a download of 8 MiB arrives intact"
done
checksums_are_right
finish
