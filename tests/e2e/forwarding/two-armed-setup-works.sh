#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Clients on one interface and backends on another: the program redirects packets in both directions.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
service 4 tcp 80 "1 1 1"
service 6 tcp 80 "1 1 1"

is "$(value '[.attached[] | .interface + " " + .mode] | sort | tostring' status)" '["back native","front native"]' \
	"both interfaces are attached in native mode"
for family in 4 6; do
	is "$(fetch 300 "$(url "$(vip_of "$family")")")" "b1=100 b2=100 b3=100" "IPv$family: 300 connections are split evenly"
done
# A connection has at least three packets in each direction: SYN, data, FIN.
ok "the program forwarded the requests" outcome_above forwarded 1799
ok "the program forwarded the replies" outcome_above replied 1799
is "$(outcome_count to_stack)" 0 "no packet was left to the stack's routing"

prints 0 changed "one interface is detached" lbctl detach back --force
is "$(value '[.attached[].interface] | tostring' status)" '["front"]' "the other interface stays attached"
ok "the configuration stays" lbctl service show web-4-tcp
prints 0 changed "the interface is attached again" lbctl attach back
is "$(fetch 30 "$(url "$VIP4")")" "b1=10 b2=10 b3=10" "traffic is balanced again"
prints 0 unchanged "attaching attached interfaces changes nothing" lbctl attach front back
checksums_are_right
finish
