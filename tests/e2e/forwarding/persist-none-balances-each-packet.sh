#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With --persist none every datagram of a client is balanced for itself, as is good for DNS,
# and all of them are answered, although nothing is remembered.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
serve udp-echo 5353

datagrams() { # FAMILY COUNT: by one socket; who answered
	seq "$2" | on client "$PEER" udp-kept "$(vip_of "$1")" 5353 | tally
}

for family in 4 6; do
	service $family udp 5353 "5 3 1" --persist none
	is "$(datagrams $family 900)" "b1=500 b2=300 b3=100" "IPv$family: 900 datagrams of one socket are 500, 300 and 100"
	is "$(flows --service web-$family-udp)" 0 "no flow is remembered"
	must lbctl backend drain web-$family-udp "$(address_of $family 1)"
	is "$(datagrams $family 40)" "b2=30 b3=10" "a drained backend gets none of the next"
	must lbctl service set web-$family-udp --persist flow
	like "$(datagrams $family 40)" "^b[23]=40$" "--persist flow keeps a socket's datagrams together"
	must lbctl service del web-$family-udp --force
done
must lbctl service add one "$VIP4:5353/udp" --persist none
must lbctl service add two "$VIP4:5354/udp" --persist none
must lbctl backend add one 10.0.0.11
refused 5 "one" "two such services cannot share a backend" lbctl backend add two 10.0.0.11:5353
must lbctl service set two --persist flow
must lbctl backend add two 10.0.0.11:5353
refused 5 "one" "nor later" lbctl service set two --persist none
is "$(value .persist service show two)" flow "but one may with another that remembers"
refused 3 "UDP services" "TCP cannot be balanced so" lbctl service add tcp "$VIP4:80/tcp" --persist none
must lbctl service add tcp "$VIP4:80/tcp"
refused 3 "UDP services" "nor later" lbctl service set tcp --persist none
is "$(value .persist service show tcp)" flow "and stays as it was"
checksums_are_right
finish
