#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lab's settings for XDP on veth are necessary: without them, the receiver drops packets with
# wrong checksums, and veth drops redirected frames. The tests notice both.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 1
service 4 tcp 80 "1"
is "$(fetch 5 "$(url "$VIP4")")" "b1=5" "the lab forwards all requests"
checksums_are_right

has_checksum_errors() { # PART
	(($(checksum_errors "$1") > 0))
}

# With transmit offload the client leaves checksums to a device, which does not exist.
must on client ethtool -K eth0 tx on
not_ok "with transmit offload no connection is established" on client curl -sS --connect-timeout 2 "$(url "$VIP4")"
ok "the backend counts wrong checksums" await 10 has_checksum_errors b1
lab_down

# Without NAPI at the peer, veth drops redirected frames and reports no error.
balancer_up --backends 1 --passive-peers
service 4 tcp 80 "1"
not_ok "with passive peers no connection is established" on client curl -sS --connect-timeout 2 "$(url "$VIP4")"
ok "the program has forwarded packets" await 10 outcome_above forwarded 0
must on switch ethtool -K balancer gro on
must on client ethtool -K eth0 gro on
is "$(fetch 5 "$(url "$VIP4")")" "b1=5" "with GRO at the peers the frames arrive"
finish
