#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# trace shows packets with their outcomes, filtered, to one tracer at a time. Each test connection
# has its own client port, so retransmitted packets of other connections do not count.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
service 4 tcp 80 "1 1"
service 6 tcp 80 "1"
must lbctl service add tunnelled 192.0.2.12:80/udp --forward ipip
must lbctl backend add tunnelled 10.0.0.11
must lbctl service add empty 192.0.2.11:80/tcp
must fetch 2 "$(url "$VIP4")" # the neighbours are known now
must fetch 2 "$(url "$VIP6")"

# trace_start FLAGS...: in the background; the records are in $WORK/trace.
trace_start() {
	: >"$WORK/trace"
	start lbctl -j trace "$@" >"$WORK/trace" 2>"$WORK/trace.err"
	tracer=$STARTED
	must await 10 is_traced
}

is_untraced() {
	! is_traced
}

port=20000
fetch_once() { # FAMILY: one connection, from the next port
	port=$((port + 1))
	must client_curl --local-port $port "$(url "$(vip_of "$1")")"
}

# trace_values PORT JQ-FILTER: on the array of the records with this client port.
trace_values() {
	jq -rs --arg port ":$1" "map(select(.client | endswith(\$port))) | $2" "$WORK/trace"
}

has_records() { # PORT AT-LEAST
	(($(trace_values "$1" length) >= $2))
}

not_ok "without a tracer, the flag is not set" is_traced

trace_start --service web-4-tcp --count 6
for _ in 1 2 3; do
	fetch_once 4
done
first=$((port - 2))
reap "$tracer"
is "$STATUS" 0 "trace ends after --count records"
is "$(wc -l <"$WORK/trace")" 6 "--count 6 prints 6 records"
is "$(jq -rs 'map(.service) | unique | join(" ")' "$WORK/trace")" web-4-tcp "--service selects the packets of the service"
is "$(trace_values $first 'map(.outcome) | unique | join(" ")')" "forwarded replied" "records have both directions"
is "$(trace_values $first 'map(.verdict) | unique | join(" ")')" redirect "records have the verdict"
like "$(trace_values $first 'map(.backend) | unique | join(" ")')" '^10\.0\.0\.1[12]:80$' "the packets of one connection have one backend"
is "$(trace_values $first '.[0].client')" "198.51.100.2:$first" "records have the client"
is "$(trace_values $first 'map(.interface) | unique | join(" ")')" "back front" "records have both interfaces"
ok "after --count records the flag is not set" is_untraced

trace_start --service web-4-tcp --backend 10.0.0.12 --outcome forwarded
fetch_once 4
fetch_once 4
either_has_records() {
	has_records $port 4 || has_records $((port - 1)) 4
}
ok "one of two connections goes to the selected backend" await 10 either_has_records
stop "$tracer"
is "$(jq -rs 'map(.backend + " " + .outcome) | unique | join(", ")' "$WORK/trace")" "10.0.0.12:80 forwarded" \
	"--backend and --outcome select one backend and one direction"
ok "after SIGTERM the flag is not set" is_untraced

trace_start --client 198.51.100.0/24 --outcome no_backend,passed
dropped=$((port + 1)) port=$((port + 1))
not_ok "a connection to a service without a backend fails" connects "$(url 192.0.2.11)" --local-port $dropped
fetch_once 4
await 10 has_records $dropped 1 || true
stop "$tracer"
is "$(trace_values $dropped 'map(.service + " " + .outcome + " " + .verdict) | unique | join(", ")')" "empty no_backend drop" \
	"a dropped packet has its service, outcome and verdict"
is "$(trace_values $port length)" 0 "forwarded packets are filtered out"

trace_start --client 2001:db8::/32
fetch_once 6
await 10 has_records $port 4 || true
stop "$tracer"
is "$(trace_values $port 'map(.service) | unique | join(" ")')" web-6-tcp "IPv6 packets have their service"
is "$(trace_values $port 'map(.backend) | unique | join(" ")')" "[2001:db8:3::11]:80" "IPv6 packets have their backend"

trace_start --service tunnelled --client 198.51.100.2
must udp_lost 1 192.0.2.12 80 --from 20500
await 10 has_records 20500 1 || true
stop "$tracer"
is "$(trace_values 20500 '.[0] | .service + " " + .backend + " " + .client')" "tunnelled 10.0.0.11:80 198.51.100.2:20500" \
	"a tunnelled packet has its inner client"

trace_start --pcap "$WORK/pcap" --service web-4-tcp
refused 5 "another trace of instance" "a second tracer is refused" lbctl trace
prints 0 changed "other commands work during a trace" lbctl backend weight web-4-tcp 10.0.0.11 2
fetch_once 4
await 10 has_records $port 8 || true
stop "$tracer"
tcpdump -nr "$WORK/pcap" >"$WORK/tcpdump" 2>"$WORK/tcpdump.err" || true
is "$(wc -l <"$WORK/tcpdump")" "$(wc -l <"$WORK/trace")" "the pcap file has every record"
ok "packets to the backend are as sent" grep -qE "198\\.51\\.100\\.2\\.$port > 10\\.0\\.0\\.1[12]\\.80: Flags \\[S\\]" "$WORK/tcpdump"
ok "packets to the client are as sent" grep -qE "192\\.0\\.2\\.10\\.80 > 198\\.51\\.100\\.2\\.$port: Flags \\[S\\.\\]" "$WORK/tcpdump"

trace_start
stop_hard "$tracer"
ok "a killed tracer leaves the flag set" is_traced
lease_has_expired() {
	fetch 1 "$(url "$VIP4")" >/dev/null
	is_untraced
}
ok "a packet clears the flag when the lease has expired" await 15 lease_has_expired

# An instance without the maps for tracing, as an older lbctl creates it.
must rm "$PINS/trace_filter" "$PINS/traces"
refused 5 "runs the program of an older lbctl" "an old instance cannot be traced" lbctl trace
prints 0 changed "upgrade adds the maps" lbctl upgrade
trace_start --service web-4-tcp --count 2
fetch_once 4
reap "$tracer"
is "$STATUS" 0 "the upgraded instance can be traced"

refused 3 "no such outcome" "an unknown outcome is refused" lbctl trace --outcome lost
refused 3 "expected" "an invalid client is refused" lbctl trace --client unknown
refused 3 "32 bits" "a prefix longer than the address is refused" lbctl trace --client 10.0.0.0/33
refused 4 "unknown service" "an unknown service is refused" lbctl trace --service none
refused 2 "requires --service" "a backend without a service is refused" lbctl trace --backend 10.0.0.11
checksums_are_right
finish
