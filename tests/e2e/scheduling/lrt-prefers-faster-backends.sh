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

: >"$WORK/times" # of each connection: backend, and the client's time in seconds
count_of() { # BACKEND-NUMBER: its answers
	grep -c "^b$1 " "$WORK/times" || true
}
longest_us() { # BACKEND-NUMBER: the client's longest time
	awk -v name="b$1" '$1 == name && $2 > longest { longest = $2 } END { print int(longest * 1e6) }' "$WORK/times"
}

# On a busy machine all response times are long for a while, so their ratios are small: more rounds.
declare -A round
slowest_gets_least() {
	local number
	for number in 1 2 3; do
		round[$number]=$(count_of $number)
	done
	client_curl -o /dev/null -w '%header{server} %{time_total}\n' -H 'Connection: close' \
		"$(url "$VIP4" 8000)?[1-400]" >>"$WORK/times"
	for number in 1 2 3; do
		round[$number]=$(($(count_of $number) - round[$number]))
	done
	note "400 connections: b1=${round[1]} b2=${round[2]} b3=${round[3]}"
	((round[3] < 100 && round[3] < round[1]))
}
for ((try = 1; try <= 5; try++)); do
	! slowest_gets_least || break
done
ok "the slowest backend gets less than a quarter (${round[3]} of 400)" test "${round[3]}" -lt 100
ok "the fastest backend gets more (${round[1]} of 400)" test "${round[1]}" -gt "${round[3]}"
for number in 1 2 3; do
	is "$(backend_field web-4-tcp "$number" new_flows)" "$(count_of "$number")" "b$number answers the connections that it was selected for"
	ok "b$number gets some connections" test "$(count_of "$number")" -gt 0
	ok "b$number's response times are sampled" test "$(backend_field web-4-tcp "$number" latency_us.samples)" -gt 0
	# A bucket of the histogram is a 16th wide.
	between 0 "$(backend_field web-4-tcp "$number" latency_us.mean)" $(($(longest_us "$number") * 17 / 16)) \
		"b$number's mean is at most the client's longest time, in us"
done
ok "the slowest backend's mean is not below its real response time" \
	test "$(backend_field web-4-tcp 3 latency_us.mean)" -ge $SLOWEST_US
checksums_are_right
finish
