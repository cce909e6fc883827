#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With --feedback observe, the response times of each backend match what the client measures, in
# every forwarding mode, on new connections and on kept connections.
#
# The bounds are exact for any speed of the machine. Below: a server sleeps at least LATE_US. With
# one-way forwarding the balancer subtracts the handshake, which took at most what the client saw.
# Above: the balancer sees the request after the client sends it, and the answer before the client
# has all of it. So each sample is at most the client's time for the same request. If m of n requests
# are sampled, the median of the samples is at most the client's value of rank n - m + m / 2 + 1.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

LATE_US=(0 5000 20000 50000) # by backend
declare -A ONE_WAY=([dsr]=1 [ipip]=1 [gue]=1)

balancer_up
vips_on_backends
decap_on_backends eth0
serve late-http 8000

# send_requests COUNT [FLAGS OF curl...]: the client's times of each request go to $WORK/times, in
# seconds: SERVER CONNECTED SENT COMPLETE.
send_requests() {
	client_curl -o /dev/null "${@:2}" \
		-w '%header{server} %{time_connect} %{time_pretransfer} %{time_total}\n' "$(url "$VIP4" 8000)?[1-$1]" >>"$WORK/times"
}

# client_bounds NUMBER SAMPLES FORWARD: bounds of the median, in microseconds: "LEAST MOST".
# A bucket of the histogram is a 16th wide, and is represented by its middle. An acknowledgement,
# which one-way forwarding depends on, may cross the wire after the client has read the answer.
client_bounds() {
	awk -v name="b$1" '$1 == name { printf "%d %d\n", ($4 - $3) * 1e6, $2 * 1e6 }' "$WORK/times" | sort -n |
		awk -v late="${LATE_US[$1]}" -v samples="$2" -v one_way="${ONE_WAY[$3]-0}" '
			{ us[NR] = $1; if ($2 > handshake) handshake = $2 }
			END {
				rank = NR - samples + int(samples / 2) + 1
				if (rank > NR) rank = NR
				print int((late - one_way * handshake) * 31 / 32), int(us[rank] * 9 / 8 + 2000)
			}'
}

matches_client() { # NUMBER FORWARD TEXT
	local samples got least most
	samples=$(backend_field web-4-tcp "$1" latency_us.samples)
	got=$(backend_field web-4-tcp "$1" latency_us.p50)
	read -r least most < <(client_bounds "$1" "$samples" "$2")
	between "$least" "$got" "$most" "$3: b$1's median of $samples samples, $got us, is within $least to $most us"
}

for forward in nat dsr ipip gue; do
	service 4 tcp 8000 "1 1 1" --forward "$forward" --feedback observe
	: >"$WORK/times"
	must send_requests 45 -H 'Connection: close'
	for number in 1 2 3; do
		before[number]=$(backend_field web-4-tcp "$number" latency_us.samples)
		ok "$forward, new connections: b$number's response times are sampled" test "${before[number]}" -ge 10
		matches_client "$number" "$forward" "$forward, new connections"
	done
	for _ in 1 2 3; do
		must send_requests 12
	done
	for number in 1 2 3; do
		ok "$forward, kept connections: b$number's response times are sampled" \
			test "$(backend_field web-4-tcp "$number" latency_us.samples)" -ge $((before[number] + 5))
		matches_client "$number" "$forward" "$forward, kept connections too"
	done
	must lbctl service del web-4-tcp --force
done

# "51ms" or "51.2ms" in microseconds.
microseconds() {
	awk '{ unit = $1; sub(/^[0-9.]+/, "", unit); print int($1 * (unit == "us" ? 1 : unit == "ms" ? 1e3 : 1e6)) }' <<<"$1"
}

# shows_time TEXT GOT FIELD BACKEND-NUMBER: a time as text, within its rounding the same as in JSON.
shows_time() {
	local wanted
	wanted=$(backend_field web-4-tcp "$4" "latency_us.$3")
	between $((wanted * 9 / 10)) "$(microseconds "$2")" $((wanted * 11 / 10)) "$1 shows b$4's $3 ($2, $wanted us)"
}

service 4 tcp 8000 "1 1 1"
must fetch 9 "$(url "$VIP4" 8000)"
is "$(value '[.services[].backends[].latency_us | .samples, .mean] | add' status)" 0 "off: nothing is sampled"
not_ok "off: status has no column for response times" grep -q P50 <<<"$(lbctl status)"
must lbctl service set web-4-tcp --feedback on
must fetch 9 "$(url "$VIP4" 8000)"
like "$(lbctl status | grep 10.0.0.13)" ' ([0-9.]+[mu]?s) +([0-9.]+[mu]?s)$' "on: status has columns for response times"
columns=("${BASH_REMATCH[@]}")
shows_time status "${columns[1]}" p50 3
shows_time status "${columns[2]}" p99 3
like "$(lbctl backend show web-4-tcp 10.0.0.12)" 'response time +mean ([0-9.]+[mu]?s), p50 ([0-9.]+[mu]?s), p99 ([0-9.]+[mu]?s), of 3' \
	"backend show has the response times of 3 samples"
columns=("${BASH_REMATCH[@]}")
shows_time "backend show" "${columns[1]}" mean 2
shows_time "backend show" "${columns[2]}" p50 2
shows_time "backend show" "${columns[3]}" p99 2

lbctl -j stats -i 1 -c 1 web-4-tcp >"$WORK/window" &
background+=("$!")
watcher=$!
must fetch 6 "$(url "$VIP4" 8000)"
reap "$watcher"
ok "stats -i counts the samples of its interval only" jq -e '[.[].backends[].latency_us.samples] | add <= 6' "$WORK/window"
checksums_are_right
decap_on_backends --off
finish
