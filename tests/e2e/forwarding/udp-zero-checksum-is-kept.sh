#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A UDP checksum of 0 over IPv4 means "no checksum", and stays 0. IPv6 is not tested, because
# receivers drop such datagrams.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
serve udp-echo 5353
service 4 udp 5353 "5 3 1"
serve udp-checksums 5353

seen() {
	cat "$WORK"/ready-udp-checksums-*.seen | tally
}

is "$(udp 90 "$VIP4" 5353 --no-checksum)" "b1=50 b2=30 b3=10" "90 flows without checksums are answered"
becomes "zero=90" "backends receive them without checksums" seen
is "$(udp 9 "$VIP4" 5353 --from 30000)" "b1=5 b2=3 b3=1" "9 flows with checksums are answered"
becomes "set=9 zero=90" "backends receive them with checksums" seen
checksums_are_right
finish
