#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lrt: a backend that takes longer to answer is given fewer connections, but some.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
serve slow-http 8000
service 4 tcp 8000 "1 1 1" --scheduler lrt

answers=$(fetch 400 "$(url "$VIP4" 8000)")
note "$answers"
slow=0
[[ ! $answers =~ b1=([0-9]+) ]] || slow=${BASH_REMATCH[1]}
is "$(backend_field web-4-tcp 1 new_flows)" "$slow" "all are answered by who was given them"
ok "the slow one is given some of 400, to show what it can" test "$slow" -gt 0
ok "but clearly fewer than a third ($slow)" test "$slow" -lt 100
ok "it was timed" test "$(backend_field web-4-tcp 1 latency_us.samples)" -gt 0
ok "as no faster than it is" test "$(backend_field web-4-tcp 1 latency_us.mean)" -ge 30000
for number in 2 3; do
	ok "b$number was timed" test "$(backend_field web-4-tcp "$number" latency_us.samples)" -gt 0
	ok "as faster" test "$(backend_field web-4-tcp "$number" latency_us.mean)" -lt \
		"$(backend_field web-4-tcp 1 latency_us.mean)"
done
checksums_are_right
finish
