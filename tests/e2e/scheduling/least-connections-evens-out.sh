#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Scheduler lc: long connections are spread evenly, and a backend without connections gets the next
# ones.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
service 4 tcp 80 "1 1 1" --scheduler lc

session_start http-held "$VIP4" 80
session_send "open 30"
is "$RECEIVED" "b1=10 b2=10 b3=10" "30 connections are split evenly"
session_send "close b1"
is "$RECEIVED" 10 "all connections to b1 are closed"
becomes 0 "the balancer counts no flow of b1" backend_field web-4-tcp 1 flows
session_send "open 10"
is "$RECEIVED" "b1=10" "b1 gets all of the next 10"
prints 0 changed "b2 gets twice the weight" lbctl backend weight web-4-tcp 10.0.0.12 2
session_send "open 10"
is "$RECEIVED" "b2=10" "b2 gets all of the next 10"
prints 0 changed "the program is upgraded" lbctl upgrade
session_send "open 8"
is "$RECEIVED" "b1=2 b2=4 b3=2" "the flow counts survive an upgrade"
prints 0 changed "the scheduler is changed to rr" lbctl service set web-4-tcp --scheduler rr
prints 0 changed "the scheduler is changed back to lc" lbctl service set web-4-tcp --scheduler lc
session_send "open 12"
is "$RECEIVED" "b1=3 b2=6 b3=3" "the flow counts survive a change of the scheduler"
session_end
checksums_are_right
finish
