#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# explain says where a packet would go, and it goes there; it says why another would not.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "5 3 1"
service 6 tcp 80 "1"
must fetch 3 "$(url "$VIP4")"

explain() { # FILTER FLAGS...
	local filter=$1
	shift
	lbctl -j explain --interface front "$@" | jq -r "$filter"
}

# check_predictions TEXT NUMBER FIRST-PORT: new connections, each asked about before it is made.
check_predictions() {
	local predicted='' arrived='' port i
	for ((i = 0; i < $2; i++)); do
		port=$(($3 + i))
		predicted+="b$(explain '.backend | ltrimstr("10.0.0.1") | rtrimstr(":80")' --src 198.51.100.2:$port --dst 192.0.2.10:80/tcp --syn) "
		arrived+="$(on client curl -sS --max-time 20 --local-port $port "$(url "$VIP4")") "
	done
	is "$arrived" "$predicted" "$1"
}

check_predictions "four new connections go where they were foretold" 4 20000
must lbctl service set web-4-tcp --scheduler maglev
check_predictions "by maglev too" 2 20100
must lbctl service set web-4-tcp --scheduler source --forward snat --source 10.0.0.64/31
for number in 64 65; do
	must on balancer ip addr add "10.0.0.$number/32" dev back
done
check_predictions "by source and snat" 2 20200
for part in b1 b2 b3; do
	on "$part" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	must on "$part" ip addr add "$VIP4/32" dev lo
done
must lbctl service set web-4-tcp --scheduler rr --forward dsr
check_predictions "by rr and dsr" 2 20300
must lbctl service set web-4-tcp --scheduler wrr --forward nat

must fetch 1 "$(url "$VIP6")" # the kernel may have dropped its neighbour entry by now
flows_before=$(value .flows flow count)
outcomes=$(value '.outcomes | del(.passed, .not_ip, .not_tcp_udp) | tojson' status) # neighbour discovery goes on meanwhile
prints 0 "" "a packet that would reach a backend is exit 0" lbctl -q explain --src 198.51.100.9:4711 --dst 192.0.2.10:80/tcp --syn
prints 1 "" "one that would not is exit 1" lbctl -q explain --src 198.51.100.9:4711 --dst 192.0.2.10:81/tcp --syn
is "$(explain '[.service, .scheduler, .flow, .forward, .verdict, .outcome, .interface] | join(" ")' --src 198.51.100.9:4711 --dst 192.0.2.10:80/tcp --syn)" \
	"web-4-tcp wrr new nat redirect forwarded front" "the fields of a new flow"
is "$(explain '.slot | type' --src 198.51.100.9:4711 --dst 192.0.2.10:80/tcp --syn)" number "its slot is a number"
is "$(explain '[.backend, .outcome] | join(" ")' --src '[2001:db8:1::2]:4711' --dst '[2001:db8:2::10]:80/tcp' --syn)" \
	"[2001:db8:3::11]:80 forwarded" "IPv6"
is "$(value .flows flow count) $(value '.outcomes | del(.passed, .not_ip, .not_tcp_udp) | tojson' status)" "$flows_before $outcomes" "no flow was learned, and no packet counted"

session_start http-kept "$VIP4" 80
session_send hello
client=$(value '[.[] | select(.state == "established")][0].client' flow list --service web-4-tcp)
backend=$(value '[.[] | select(.state == "established")][0].backend' flow list --service web-4-tcp)
is "$(explain '[.flow, .flow_state, .backend, .slot] | map(tostring) | join(" ")' --src "$client" --dst 192.0.2.10:80/tcp)" \
	"known established $backend null" "a connection that is there is known, and where it is"
is "$(lbctl -j explain --interface back --src "$backend" --dst "$client/tcp" | jq -r '[.reply, .service, .outcome] | map(tostring) | join(" ")')" \
	"true web-4-tcp replied" "and so is its reply"
session_end

explain_text() {
	lbctl explain --interface front "$@" || true
}
is "$(lbctl -j explain --src 198.51.100.9:1 --dst 192.0.2.10:80/tcp --syn | jq -r .interface)" front "the interface is that which leads to the sender"
like "$(explain_text --src 198.51.100.9:1 --dst 192.0.2.10:80/tcp --syn)" 'weight 5, effective 5: 55\.6% of new flows|weight 3, effective 3: 33\.3%|weight 1, effective 1: 11\.1%' "weights and the share they make"
like "$(explain_text --src 198.51.100.9:1 --dst 192.0.2.10:443/tcp --syn)" "192\.0\.2\.10 is the VIP of 'web-4-tcp', on 80/tcp" "the nearest miss"
must lbctl backend drain web-6-tcp 2001:db8:3::11
like "$(explain_text --src '[2001:db8:1::2]:1' --dst '[2001:db8:2::10]:80/tcp' --syn)" 'none of 1: 1 in drain or maint' "why a service has nobody to offer"
is "$(value '.verdict + " " + .outcome' explain --interface front --src '[2001:db8:1::2]:1' --dst '[2001:db8:2::10]:80/tcp' --syn || true)" "drop no_backend" "and what comes of it"

refused 2 "src IP:PORT is required" "no sender" lbctl explain --dst 192.0.2.10:80/tcp
refused 3 "expected VIP:PORT/PROTO" "no protocol" lbctl explain --src 198.51.100.9:1 --dst 192.0.2.10:80
refused 3 "address family mismatch" "two families" lbctl explain --src '[2001:db8::1]:1' --dst 192.0.2.10:80/tcp
refused 4 "is not attached to lo" "an interface that is not attached" lbctl explain --interface lo --src 198.51.100.9:1 --dst 192.0.2.10:80/tcp
checksums_are_right
finish
