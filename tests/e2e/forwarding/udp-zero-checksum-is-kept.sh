#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A UDP checksum of 0 over IPv4 means none: it stays none. (Over IPv6 there is no such
# thing in the tests: receivers drop it.)
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
serve udp-echo 5353
service 4 udp 5353 "5 3 1"
serve udp-checksums 5353

seen() {
	cat "$WORK"/udp-checksums-*.seen | tally
}
seen_all() { # TALLY
	[[ $(seen) == "$1" ]]
}

is "$(udp 90 "$VIP4" 5353 --no-checksum)" "b1=50 b2=30 b3=10" "90 flows without checksums"
await 5 seen_all "zero=90" || true
is "$(seen)" "zero=90" "arrive without checksums"
is "$(udp 9 "$VIP4" 5353 --from 30000)" "b1=5 b2=3 b3=1" "9 flows with checksums"
await 5 seen_all "set=9 zero=90" || true
is "$(seen)" "set=9 zero=90" "arrive with them"
checksums_are_right
finish
