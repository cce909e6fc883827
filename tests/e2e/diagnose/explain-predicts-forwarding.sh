#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# explain predicts where a packet goes, and real packets go there. It explains why a packet would
# not be forwarded.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
service 4 tcp 80 "5 3 1"
service 6 tcp 80 "1"
must fetch 3 "$(url "$VIP4")"

explain() { # FILTER FLAGS...
	local filter=$1
	shift
	lbctl -j explain --interface front "$@" | jq -r "$filter"
}

# check_predictions TEXT COUNT FIRST-PORT: new connections, each explained before it is made.
check_predictions() {
	local predicted='' arrived='' port i
	for ((i = 0; i < $2; i++)); do
		port=$(($3 + i))
		predicted+="b$(explain '.backend | ltrimstr("10.0.0.1") | rtrimstr(":80")' --src 198.51.100.2:$port --dst 192.0.2.10:80/tcp --syn) "
		arrived+="$(client_curl --local-port $port "$(url "$VIP4")") "
	done
	is "$arrived" "$predicted" "$1"
}

check_predictions "wrr, nat: four new connections go to the predicted backends" 4 20000
must lbctl service set web-4-tcp --scheduler maglev
check_predictions "maglev, nat: two new connections go to the predicted backends" 2 20100
must lbctl service set web-4-tcp --scheduler source --forward snat --source 10.0.0.64/31
for number in 64 65; do
	must on balancer ip addr add "10.0.0.$number/32" dev back
done
check_predictions "source, snat: two new connections go to the predicted backends" 2 20200
vips_on_backends
must lbctl service set web-4-tcp --scheduler rr --forward dsr
check_predictions "rr, dsr: two new connections go to the predicted backends" 2 20300
must lbctl service set web-4-tcp --scheduler wrr --forward nat

prints 0 "" "exit status 0: the packet would reach a backend" lbctl -q explain --src 198.51.100.9:4711 --dst 192.0.2.10:80/tcp --syn
prints 1 "" "exit status 1: the packet would not reach a backend" lbctl -q explain --src 198.51.100.9:4711 --dst 192.0.2.10:81/tcp --syn
is "$(explain '[.service, .scheduler, .flow, .forward, .verdict, .outcome, .interface] | join(" ")' --src 198.51.100.9:4711 --dst 192.0.2.10:80/tcp --syn)" \
	"web-4-tcp wrr new nat redirect forwarded front" "a new flow has its service, outcome and interface"
is "$(explain '.slot | type' --src 198.51.100.9:4711 --dst 192.0.2.10:80/tcp --syn)" number "the slot is a number"
is "$(explain '[.backend, .outcome] | join(" ")' --src '[2001:db8:1::2]:4711' --dst '[2001:db8:2::10]:80/tcp' --syn)" \
	"[2001:db8:3::11]:80 forwarded" "an IPv6 packet has its backend"

# The last connections may still be closing, and hosts resolve neighbours at any time. So the
# comparison is repeated until nothing else was counted.
counters() {
	value '[.services[].flows, (.outcomes | del(.passed, .not_ip, .not_tcp_udp))] | tojson' status
}
counts_nothing() {
	local before
	before=$(counters)
	lbctl -q explain --src 198.51.100.9:4711 --dst 192.0.2.10:80/tcp --syn || return 1
	[[ $(counters) == "$before" ]]
}
ok "explain adds no flow, and counts no packet" await 30 counts_nothing

session_start http-kept "$VIP4" 80
session_send hello
becomes 1 "one connection is established" flows --service web-4-tcp --state established
client=$(value '.[0].client' flow list --service web-4-tcp --state established)
backend=$(value '.[0].backend' flow list --service web-4-tcp --state established)
is "$(explain '[.flow, .flow_state, .backend, .slot] | map(tostring) | join(" ")' --src "$client" --dst 192.0.2.10:80/tcp)" \
	"known established $backend null" "its packets match its flow entry"
is "$(lbctl -j explain --interface back --src "$backend" --dst "$client/tcp" | jq -r '[.reply, .service, .outcome] | map(tostring) | join(" ")')" \
	"true web-4-tcp replied" "its replies do as well"
session_end

explain_text() {
	lbctl explain --interface front "$@" || true
}
is "$(lbctl -j explain --src 198.51.100.9:1 --dst 192.0.2.10:80/tcp --syn | jq -r .interface)" front "the default interface is on the route to the source"
like "$(explain_text --src 198.51.100.9:1 --dst 192.0.2.10:80/tcp --syn)" 'weight 5, effective 5: 55\.6% of new flows|weight 3, effective 3: 33\.3%|weight 1, effective 1: 11\.1%' "the text has the backend's weight and share"
like "$(explain_text --src 198.51.100.9:1 --dst 192.0.2.10:443/tcp --syn)" "192\.0\.2\.10 is the VIP of 'web-4-tcp', on 80/tcp" "the text names the service with the same VIP"
must lbctl backend drain web-6-tcp 2001:db8:3::11
like "$(explain_text --src '[2001:db8:1::2]:1' --dst '[2001:db8:2::10]:80/tcp' --syn)" 'none of 1: 1 in drain or maint' "the text explains why no backend is available"
is "$(value '.verdict + " " + .outcome' explain --interface front --src '[2001:db8:1::2]:1' --dst '[2001:db8:2::10]:80/tcp' --syn || true)" "drop no_backend" "JSON has the verdict and outcome no_backend"

refused 2 "src IP:PORT is required" "a missing --src is refused" lbctl explain --dst 192.0.2.10:80/tcp
refused 3 "expected VIP:PORT/PROTO" "a --dst without a protocol is refused" lbctl explain --src 198.51.100.9:1 --dst 192.0.2.10:80
refused 3 "address family mismatch" "--src and --dst of different families are refused" lbctl explain --src '[2001:db8::1]:1' --dst 192.0.2.10:80/tcp
refused 4 "is not attached to lo" "an interface that is not attached is refused" lbctl explain --interface lo --src 198.51.100.9:1 --dst 192.0.2.10:80/tcp
checksums_are_right
finish
