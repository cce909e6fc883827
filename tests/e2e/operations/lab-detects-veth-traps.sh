#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The traps of XDP on veth, seen from the other side: without what the lab does against
# them, a wrong checksum is noticed, and so is a lost frame.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 1
must lbctl attach front back
service 4 tcp 80 "1"
is "$(fetch 5 "$(url "$VIP4")")" "b1=5" "the lab as it is"
checksums_are_right

# Unfinished checksums: the client leaves them to a device that there is not.
must on client ethtool -K eth0 tx on
not_ok "without finished checksums no connection comes about" on client curl -sS --connect-timeout 1 "$(url "$VIP4")"
ok "and the backend counts wrong checksums" test "$(checksum_errors b1)" -gt 0
must "$LAB" down --name "$NAME"

# No NAPI at the other end of the wire: redirected frames are lost without a word.
lab_up --backends 1 --passive-peers
must lbctl attach front back
service 4 tcp 80 "1"
not_ok "with passive peers no connection comes about" on client curl -sS --connect-timeout 1 "$(url "$VIP4")"
ok "although the program has forwarded" test "$(value .outcomes.forwarded status)" -gt 0
must on switch ethtool -K balancer gro on
must on client ethtool -K eth0 gro on
is "$(fetch 5 "$(url "$VIP4")")" "b1=5" "with GRO the frames arrive"
finish
