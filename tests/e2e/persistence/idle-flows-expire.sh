#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A flow that is silent for its service's timeout ends; others stay.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
must lbctl attach front back
serve udp-echo 5353
must lbctl service add short 192.0.2.10:5353/udp --timeout-new 1s --timeout-established 1s --timeout-closing 1s
must lbctl service add long 192.0.2.11:5353/udp
for number in 1 2; do
	must lbctl backend add short "10.0.0.1$number"
	must lbctl backend add long "10.0.0.1$number"
done

is "$(udp 40 192.0.2.11 5353 --times 2)" "b1=20 b2=20" "40 flows of a service with the usual timeouts"
session_start udp-kept 192.0.2.10 5353
session_send hello
first=$RECEIVED
is "$(udp 40 192.0.2.10 5353)" "b1=20 b2=20" "40 flows of a service with timeouts of 1 s, and one that speaks on"

moved=""
only_one_left() {
	session_send hello
	[[ $RECEIVED == "$first" ]] || moved+="$RECEIVED "
	(($(flows --service short) == 1))
}
# The conversation has its file descriptors in this shell, so no subshell here.
end=$((SECONDS + 15))
until only_one_left; do
	((SECONDS <= end)) || break
	sleep 0.1
done
is "$(flows --service short)" 1 "40 are forgotten, and the one is not"
is "$moved" "" "which stays where it is"
is "$(flows --service long)" 40 "the other service's flows are still there"
session_end
none_left() {
	(($(flows --service short) == 0))
}
await 15 none_left || true
is "$(flows --service short)" 0 "silence ends it, too"
is "$(backend_field short 1 flows)" 0 "and nothing is counted as a backend's"
prints 0 changed "timeouts are settable" lbctl service set long --timeout-established 1s --timeout-new 1s
prints 0 unchanged "once" lbctl service set long --timeout-established 1s
must udp 10 192.0.2.11 5353 --from 50000
checksums_are_right
finish
