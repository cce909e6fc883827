#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With --persist none, each datagram of a client is balanced separately (for DNS) and answered,
# although the flow table has no entry.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
serve udp-echo 5353

datagrams() { # FAMILY COUNT: from one socket; the answers' tally
	seq "$2" | on client "$PEER" udp-kept "$(vip_of "$1")" 5353 | tally
}

for family in 4 6; do
	service $family udp 5353 "5 3 1" --persist none
	is "$(datagrams $family 900)" "b1=500 b2=300 b3=100" "IPv$family: 900 datagrams from one socket are split 500, 300, 100"
	is "$(flows --service web-$family-udp)" 0 "the flow table has no entry for them"
	must lbctl backend drain web-$family-udp "$(address_of $family 1)"
	is "$(datagrams $family 40)" "b2=30 b3=10" "a draining backend gets no further datagram"
	must lbctl service set web-$family-udp --persist flow
	like "$(datagrams $family 40)" "^b[23]=40$" "with --persist flow, one backend gets all datagrams of a socket"
	must lbctl service del web-$family-udp --force
done
must lbctl service add one "$VIP4:5353/udp" --persist none
must lbctl service add two "$VIP4:5354/udp" --persist none
must lbctl backend add one 10.0.0.11
refused 5 "one" "two services with --persist none cannot share a backend" lbctl backend add two 10.0.0.11:5353
must lbctl service set two --persist flow
must lbctl backend add two 10.0.0.11:5353
refused 5 "one" "two services cannot share a backend if it is set later" lbctl service set two --persist none
is "$(value .persist service show two)" flow "a service with --persist flow can share the backend"
refused 3 "only possible for UDP" "TCP services cannot have --persist none" lbctl service add tcp "$VIP4:80/tcp" --persist none
must lbctl service add tcp "$VIP4:80/tcp"
refused 3 "only possible for UDP" "--persist none cannot be set later for TCP" lbctl service set tcp --persist none
is "$(value .persist service show tcp)" flow "the refused setting is not applied"
checksums_are_right
finish
