#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Packets are seen as they leave, by those who asked for them, and by one at a time.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1"
service 6 tcp 80 "1"
must lbctl service add tunnelled 192.0.2.12:80/udp --forward ipip
must lbctl backend add tunnelled 10.0.0.11
must lbctl service add empty 192.0.2.11:80/tcp
must fetch 2 "$(url "$VIP4")" # neighbours are known now
must fetch 2 "$(url "$VIP6")"

# trace_start FLAGS...: in the background; the records are in $WORK/trace.
trace_start() {
	: >"$WORK/trace"
	start lbctl -j trace "$@" >"$WORK/trace" 2>"$WORK/trace.err"
	tracer=$STARTED
	await 10 is_traced
}

is_untraced() {
	! is_traced
}

has_records() { # AT-LEAST
	(($(wc -l <"$WORK/trace") >= $1))
}

trace_values() { # JQ-FILTER ON ALL RECORDS
	jq -rs "$1" "$WORK/trace"
}

trace_has_ended() { # WANTED-STATUS TEXT
	local status=0
	wait "$tracer" || status=$?
	forget_process "$tracer"
	is "$status" "$1" "$2"
}

not_ok "nobody watches, and packets are not asked" is_traced

trace_start --service web-4-tcp --count 6
must fetch 4 "$(url "$VIP4")"
trace_has_ended 0 "--count ends it"
is "$(wc -l <"$WORK/trace")" 6 "after so many"
is "$(trace_values 'map(.service) | unique | join(" ")')" web-4-tcp "of that service"
is "$(trace_values 'map(.outcome) | unique | join(" ")')" "forwarded replied" "both ways"
is "$(trace_values 'map(.verdict) | unique | join(" ")')" redirect "with their verdict"
is "$(trace_values 'map(.backend) | unique | join(" ")')" "$(trace_values '[.[0].backend] | join(" ")')" "one connection's, so of one backend"
like "$(trace_values '.[0].client')" '^198\.51\.100\.2:[0-9]+$' "and its client"
is "$(trace_values 'map(.interface) | unique | join(" ")')" "back front" "in by both interfaces"
ok "the end is told to the packets" is_untraced

trace_start --service web-4-tcp --backend 10.0.0.12 --outcome forwarded
must fetch 8 "$(url "$VIP4")"
await 10 has_records 8
stop "$tracer"
is "$(trace_values 'map(.backend + " " + .outcome) | unique | join(", ")')" "10.0.0.12:80 forwarded" "of one backend, one way"
ok "SIGTERM ends it, and the packets know" is_untraced

trace_start --client 198.51.100.0/24 --outcome no_backend,passed
on client curl -s --max-time 1 "$(url 192.0.2.11)" >"$WORK/curl" 2>&1 || true
must fetch 2 "$(url "$VIP4")"
await 10 has_records 1
stop "$tracer"
is "$(trace_values 'map(.service + " " + .outcome + " " + .verdict) | unique | join(", ")')" "empty no_backend drop" "a drop, and whose"

trace_start --client 2001:db8::/32
must fetch 1 "$(url "$VIP6")"
await 10 has_records 4
stop "$tracer"
is "$(trace_values 'map(.service) | unique | join(" ")')" web-6-tcp "IPv6 clients"
is "$(trace_values 'map(.backend) | unique | join(" ")')" "[2001:db8:3::11]:80" "and their backend"

trace_start --service tunnelled --client 198.51.100.2
must on client bash -c 'echo hi >/dev/udp/192.0.2.12/80'
await 10 has_records 1
stop "$tracer"
is "$(trace_values '.[0] | .service + " " + .backend + " " + (.client | sub(":.*"; ""))')" "tunnelled 10.0.0.11:80 198.51.100.2" "what is in a tunnel"

trace_start --pcap "$WORK/pcap" --service web-4-tcp
refused 5 "another trace of instance" "a second watcher is refused" lbctl trace
prints 0 changed "while others go on working" lbctl backend weight web-4-tcp 10.0.0.11 2
must fetch 1 "$(url "$VIP4")"
await 10 has_records 8
stop "$tracer"
tcpdump -nr "$WORK/pcap" >"$WORK/tcpdump" 2>"$WORK/tcpdump.err" || true
is "$(wc -l <"$WORK/tcpdump")" "$(wc -l <"$WORK/trace")" "tcpdump reads every packet of the file"
ok "to the backend, as it left" grep -qE '198\.51\.100\.2\.[0-9]+ > 10\.0\.0\.1[12]\.80: Flags \[S\]' "$WORK/tcpdump"
ok "and to the client" grep -qE '192\.0\.2\.10\.80 > 198\.51\.100\.2\.[0-9]+: Flags \[S\.\]' "$WORK/tcpdump"

trace_start
kill -KILL "$tracer"
wait "$tracer" 2>/dev/null || true
forget_process "$tracer"
ok "killed, it leaves the word" is_traced
lease_has_expired() {
	fetch 1 "$(url "$VIP4")" >/dev/null
	is_untraced
}
ok "until a packet finds its time run out" await 15 lease_has_expired

# Maps that an older lbctl did not make: its instance is not traced until it is upgraded.
must rm "$PINS/trace_filter" "$PINS/traces"
refused 5 "runs the program of an older lbctl" "an instance that knows nothing of tracing" lbctl trace
prints 0 changed "upgrade makes what is missing" lbctl upgrade
trace_start --service web-4-tcp --count 2
must fetch 1 "$(url "$VIP4")"
trace_has_ended 0 "and packets are seen again"

refused 3 "no such outcome" "an outcome that is none" lbctl trace --outcome lost
refused 3 "expected" "a client that is none" lbctl trace --client nobody
refused 3 "32 bits" "too long a prefix" lbctl trace --client 10.0.0.0/33
refused 4 "unknown service" "a service that is none" lbctl trace --service none
refused 2 "requires --service" "a backend of no service" lbctl trace --backend 10.0.0.11
checksums_are_right
finish
