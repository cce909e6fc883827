#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# --mode generic: the same results without the help of drivers.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach --mode generic front back
serve udp-echo 5353
is "$(value '[.attached[].mode] | unique | tostring' status)" '["generic"]' "status says so"
like "$(on balancer ip link show dev front)" xdpgeneric "and so does the kernel"
for family in 4 6; do
	service "$family" tcp 80 "5 3 1"
	service "$family" udp 5353 "5 3 1"
	vip=$(vip_of "$family")
	is "$(fetch 90 "$(url "$vip")")" "b1=50 b2=30 b3=10" "TCP over IPv$family"
	is "$(udp 90 "$vip" 5353)" "b1=50 b2=30 b3=10" "UDP over IPv$family"
	is "$(on client curl -sS --max-time 60 "$(url "$vip" 80 /big)" | sha256sum)" \
		"$(sha256sum <"/run/lbctl-lab-$NAME/big")" "8 MiB over IPv$family arrive intact"
done
checksums_are_right
finish
