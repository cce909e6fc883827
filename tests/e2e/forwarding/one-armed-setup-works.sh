#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Clients and backends on one wire: what comes in leaves by the same interface.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --one-armed
must lbctl attach front
serve udp-echo 5353

for family in 4 6; do
	service "$family" tcp 80 "5 3 1"
	service "$family" udp 5353 "5 3 1"
	vip=$(vip_of "$family")
	is "$(fetch 900 "$(url "$vip")")" "b1=500 b2=300 b3=100" "900 connections over IPv$family are 500, 300, 100"
	is "$(udp 90 "$vip" 5353)" "b1=50 b2=30 b3=10" "90 UDP flows over IPv$family are 50, 30, 10"
done
is "$(value '[.attached[].interface] | tostring' status)" '["front"]' "status names the interface"
is "$(value '.outcomes | [.to_stack, .no_route, .reply_unknown, .aborted] | add' status)" 0 \
	"no packet went an unwanted way"

load "$VIP4" 80 --keep 6
load_wait 100
must lbctl backend drain web-4-tcp 10.0.0.11
load_wait 100
load_end
no_failures "no request failed while draining"
connections_stayed "connections stayed where they were"
checksums_are_right
finish
