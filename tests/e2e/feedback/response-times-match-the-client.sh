#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With --feedback observe every backend's response times are those that it is known to take,
# whether its answers pass by the balancer or go past it, on new connections and on kept ones.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

LATE_US=(0 5000 20000 50000) # by backend

lab_up --backends 3
must lbctl attach front back
for part in b1 b2 b3; do
	on "$part" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	must on "$part" ip addr add "$VIP4/32" dev lo
	must on "$part" "$LBCTL" --instance "$NAME-$part" decap eth0
done
serve late-http 8000

# send_requests COUNT [FLAGS OF curl...]: requests, and in $WORK/times who answered when, as the client sees it.
send_requests() {
	on client curl -sS --max-time 60 -o /dev/null "${@:2}" \
		-w '%header{server} %{time_pretransfer} %{time_starttransfer}\n' "$(url "$VIP4" 8000)?[1-$1]" >>"$WORK/times"
}

# The median of what the client saw, in microseconds.
median_of() { # NUMBER
	awk -v name="b$1" '$1 == name { print int(($3 - $2) * 1e6) }' "$WORK/times" | sort -n |
		awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] + 0 }'
}

# No shorter than it takes, and not much longer than the client has seen, who may be on a busy
# machine. A bucket is a 16th wide, and its middle may be below what is in it.
is_near() { # NUMBER WHAT
	local got seen least=${LATE_US[$1]}
	got=$(backend_field web-4-tcp "$1" latency_us.p50)
	seen=$(median_of "$1")
	ok "$2: p50 of b$1, which takes $least us and for its client $seen, is $got us" \
		test "$got" -ge $((least * 31 / 32)) -a "$got" -le $((seen * 9 / 8 + 200))
}

for forward in nat dsr ipip gue; do
	service 4 tcp 8000 "1 1 1" --forward "$forward" --feedback observe
	: >"$WORK/times"
	must send_requests 45 -H 'Connection: close'
	for number in 1 2 3; do
		ok "$forward: b$number's answers were timed" \
			test "$(backend_field web-4-tcp "$number" latency_us.samples)" -ge 10
		is_near "$number" "$forward, new connections"
		before[number]=$(backend_field web-4-tcp "$number" latency_us.samples)
	done
	for _ in 1 2 3; do
		must send_requests 12
	done
	for number in 1 2 3; do
		ok "$forward: so were those of kept connections" \
			test "$(backend_field web-4-tcp "$number" latency_us.samples)" -ge $((before[number] + 5))
		is_near "$number" "$forward, kept ones too"
	done
	must lbctl service del web-4-tcp --force
done

service 4 tcp 8000 "1 1 1"
fetch 9 "$(url "$VIP4" 8000)" >/dev/null
is "$(value '[.services[].backends[].latency_us | .samples, .mean] | add' status)" 0 "off: nothing is timed"
not_ok "and status has no column for it" grep -q P50 <<<"$(lbctl status)"
must lbctl service set web-4-tcp --feedback on
fetch 9 "$(url "$VIP4" 8000)" >/dev/null
like "$(lbctl status | grep 10.0.0.13)" ' 5[0-9]ms +[5-9][0-9]ms$' "on: it has"
like "$(lbctl backend show web-4-tcp 10.0.0.12)" 'answers in +mean 2[0-9]ms, p50 2[0-9]ms, p99 [2-9][0-9]ms, of 3' \
	"and backend show tells"

lbctl -j stats -i 1 -c 1 web-4-tcp >"$WORK/window" &
background+=("$!")
watcher=$!
fetch 6 "$(url "$VIP4" 8000)" >/dev/null
wait "$watcher"
forget_process "$watcher"
ok "stats -i tells of its interval alone" jq -e '[.[].backends[].latency_us.samples] | add <= 6' "$WORK/window"
checksums_are_right
for part in b1 b2 b3; do
	must on "$part" "$LBCTL" --instance "$NAME-$part" decap --off
done
finish
