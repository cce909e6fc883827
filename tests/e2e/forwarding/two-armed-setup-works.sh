#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Clients on one interface, backends on another: packets are redirected, both ways.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "1 1 1"
service 6 tcp 80 "1 1 1"

is "$(value '[.attached[] | .interface + " " + .mode] | sort | tostring' status)" '["back native","front native"]' \
	"both interfaces are attached, in native mode"
for family in 4 6; do
	is "$(fetch 300 "$(url "$(vip_of "$family")")")" "b1=100 b2=100 b3=100" "300 connections over IPv$family"
done
packets() { # OUTCOME
	value ".outcomes.$1" status
}
ok "requests were forwarded by the program" test "$(packets forwarded)" -ge 2400
ok "replies were forwarded by the program" test "$(packets replied)" -ge 2400
is "$(packets to_stack)" 0 "nothing was left to the kernel's routing"

prints 0 changed "one interface is detached alone" lbctl detach back --force
is "$(value '[.attached[].interface] | tostring' status)" '["front"]' "the other one stays"
ok "and so does the configuration" lbctl service show web-4-tcp
prints 0 changed "attaching it again" lbctl attach back
is "$(fetch 30 "$(url "$VIP4")")" "b1=10 b2=10 b3=10" "brings the traffic back"
prints 0 unchanged "attaching what is attached is no change" lbctl attach front back
checksums_are_right
finish
