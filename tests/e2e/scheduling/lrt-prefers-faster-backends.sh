#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Scheduler lrt: a backend with longer response times gets fewer connections, but not none.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

SLOWEST_US=50000 # response time of b3; b1 has 5 ms and b2 20 ms

balancer_up
serve late-http 8000
service 4 tcp 8000 "1 1 1" --scheduler lrt

answers=$(fetch 400 "$(url "$VIP4" 8000)" -o /dev/null -w '%header{server}\n')
note "$answers"
count_of() { # BACKEND-NUMBER: its answers
	tr ' ' '\n' <<<"$answers" | sed -n "s/^b$1=//p"
}
for number in 1 2 3; do
	is "$(backend_field web-4-tcp "$number" new_flows)" "$(count_of "$number")" "b$number answers the connections that it was selected for"
	ok "b$number gets some of 400 connections" test "$(count_of "$number")" -gt 0
	ok "b$number's response times are sampled" test "$(backend_field web-4-tcp "$number" latency_us.samples)" -gt 0
done
ok "the slowest backend gets clearly less than a third ($(count_of 3))" test "$(count_of 3)" -lt 100
ok "the fastest backend gets more ($(count_of 1))" test "$(count_of 1)" -gt "$(count_of 3)"
ok "the slowest backend's mean is not below its real response time" \
	test "$(backend_field web-4-tcp 3 latency_us.mean)" -ge $SLOWEST_US
for number in 1 2; do
	ok "b$number's mean is shorter" test "$(backend_field web-4-tcp "$number" latency_us.mean)" -lt \
		"$(backend_field web-4-tcp 3 latency_us.mean)"
done
checksums_are_right
finish
