#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lc: connections that last are spread evenly, and who has lost his is given the next.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "1 1 1" --scheduler lc

has_none() { # BACKEND-NUMBER
	[[ $(backend_field web-4-tcp "$1" flows) == 0 ]]
}

session_start http-held "$VIP4" 80
session_send "open 30"
is "$RECEIVED" "b1=10 b2=10 b3=10" "30 connections that last are 10 each"
session_send "close b1"
is "$RECEIVED" 10 "those of one backend close"
ok "the balancer knows" await 20 has_none 1
session_send "open 10"
is "$RECEIVED" "b1=10" "all of the next 10 are given to it"
prints 0 changed "a backend of twice the weight" lbctl backend weight web-4-tcp 10.0.0.12 2
session_send "open 10"
is "$RECEIVED" "b2=10" "is given the next 10"
prints 0 changed "an upgrade" lbctl upgrade
session_send "open 8"
is "$RECEIVED" "b1=2 b2=4 b3=2" "forgets nobody's connections"
prints 0 changed "by turns" lbctl service set web-4-tcp --scheduler rr
prints 0 changed "and back" lbctl service set web-4-tcp --scheduler lc
session_send "open 12"
is "$RECEIVED" "b1=3 b2=6 b3=3" "nor does a change of schedulers"
session_end
checksums_are_right
finish
