#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Many lbctl at a time: one writer after the other, and no change is lost.
# shellcheck source=tests/lib/e2e.bash
source "$(dirname "$0")/../lib/e2e.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1"

workers=()
for ((i = 0; i < 32; i++)); do
	(
		for ((j = 0; j < 4; j++)); do
			lbctl --lock-timeout 60s backend weight web-4-tcp 10.0.0.11 +1 || exit 1
		done
	) >"$WORK/worker$i" 2>&1 &
	workers+=("$!")
done
unreadable=0
for ((i = 0; i < 20; i++)); do
	lbctl --lock-timeout 60s -j status | jq -e '.services[0].backends | length == 2' >/dev/null || unreadable=$((unreadable + 1))
done
failed=0
for id in "${workers[@]}"; do
	wait "$id" || failed=$((failed + 1))
done
is "$failed" 0 "32 at a time change a weight 4 times each"
((failed == 0)) || note "$(cat "$WORK"/worker* | sort | uniq -c)"
is "$unreadable" 0 "readers meanwhile see a whole configuration"
is "$(backend_field web-4-tcp 1 effective_weight)" 129 "all 128 are there"
is "$(backend_field web-4-tcp 2 effective_weight)" 1 "and nobody else's weight changed"
is "$(fetch 130 "$(url "$VIP4")")" "b1=129 b2=1" "the datapath knows"
checksums_are_right
finish
