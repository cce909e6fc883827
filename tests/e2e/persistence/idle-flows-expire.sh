#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A flow without packets ends after its service's timeout; other flows stay.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

# The active flow sends several times a second, so only a stall of TIMEOUT ends it.
TIMEOUT=8s

balancer_up --backends 2
serve udp-echo 5353
must lbctl service add short 192.0.2.10:5353/udp --timeout-new $TIMEOUT --timeout-established $TIMEOUT
must lbctl service add long 192.0.2.11:5353/udp --timeout-new 1h --timeout-established 1h
for number in 1 2; do
	must lbctl backend add short "10.0.0.1$number"
	must lbctl backend add long "10.0.0.1$number"
done

is "$(udp 40 192.0.2.11 5353 --times 2)" "b1=20 b2=20" "a service with long timeouts gets 40 flows"
session_start udp-kept 192.0.2.10 5353
session_send hello
first=$RECEIVED
is "$(udp 40 192.0.2.10 5353)" "b1=20 b2=20" "a service with timeouts of $TIMEOUT gets 40 flows"

moved=""
only_one_left() {
	session_send hello
	[[ $RECEIVED == "$first" ]] || moved+="$RECEIVED "
	(($(flows --service short) == 1))
}
# The session's file descriptors belong to this shell, so there is no subshell here.
await 30 only_one_left || true
is "$(flows --service short)" 1 "the 40 idle flows end, and the active one stays"
is "$moved" "" "the active flow stays on its backend"
is "$(flows --service long)" 40 "the flows of the other service stay"
session_end
becomes 0 "the last flow ends when it is idle" flows --service short
becomes 0 "the backend's flow count is 0" backend_field short 1 flows
prints 0 changed "timeouts can be changed" lbctl service set long --timeout-established 1s --timeout-new 1s
prints 0 unchanged "the same timeout again changes nothing" lbctl service set long --timeout-established 1s
must udp 40 192.0.2.11 5353
becomes 0 "the changed timeout applies to a flow from its next packet" flows --service long
checksums_are_right
finish
