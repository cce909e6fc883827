#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In snat mode, backends answer to a source address of the balancer, so they need no route through
# it. Shares, drains and counters work as in nat mode.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

attach_flags=(--max-sources 4)
SOURCES=10.0.0.64/31,2001:db8:3::64/127

balancer_up
for part in b1 b2 b3; do
	must on "$part" ip route del default
	must on "$part" ip -6 route del default
done
for number in 64 65; do
	must on balancer ip addr add "10.0.0.$number/32" dev back
	must on balancer ip addr add "2001:db8:3::$number/128" dev back nodad
done
serve udp-echo 5353
serve digest 9000
file=/run/lbctl-lab-$NAME/big
sum=$(sha256sum <"$file")

for family in 4 6; do
	vip=$(vip_of "$family")
	service "$family" tcp 80 "5 3 1"
	not_ok "IPv$family: in nat mode no reply arrives" connects "$(url "$vip")"
	must lbctl service set "web-$family-tcp" --forward snat --source "$SOURCES"
	service "$family" udp 5353 "5 3 1" --forward snat --source "$SOURCES"
	must lbctl service add "up-$family" "$(bracket "$vip"):9000/tcp" --forward snat --source "$SOURCES"
	must lbctl backend add "up-$family" "$(address_of "$family" 2)"
	got=$(fetch 90 "$(url "$vip")")
	is "$(awk '{ n = split($0, a, /[ =]/); print a[2] + a[4] + a[6] }' <<<"$got")" 90 "IPv$family: 90 connections are answered ($got)"
	is "$(udp 90 "$vip" 5353)" "b1=50 b2=30 b3=10" "IPv$family: 90 UDP flows are split 50, 30, 10"
	seen=$(for _ in {1..20}; do client_curl "$(url "$vip" 80 /client)"; done | awk '{ print $1 }' | sort -u | xargs)
	is "$seen" "$([[ $family == 4 ]] && echo 10.0.0.64 10.0.0.65 || echo 2001:db8:3::64 2001:db8:3::65)" \
		"backends see all source addresses"
	is "$(on client "$PEER" upload "$vip" 9000 "$file")" "b2 ${sum%% *} 8388608" "IPv$family: an upload of 8 MiB is intact"
	is "$(client_curl "$(url "$vip" 80 /big)" | sha256sum)" "$sum" "IPv$family: a download of 8 MiB is intact"
	load "$vip" 80 --keep 3
	load_wait 50
	ok "flows are counted" test "$(flows --service "web-$family-tcp")" -ge 3
	must lbctl backend drain "web-$family-tcp" "$(address_of "$family" 1)"
	load_wait 50
	load_end
	no_failures "IPv$family: no request fails during a drain"
	connections_stayed "connections stay on their backends"
done
checksums_are_right
refused 3 "needs --source" "snat without --source is refused" lbctl service add other 192.0.2.77:80/tcp --forward snat
refused 5 "overlaps" "a --source that overlaps another one is refused" lbctl service add other 192.0.2.77:80/tcp --forward snat --source 10.0.0.64/30
refused 5 "max-sources" "a --source beyond --max-sources is refused" lbctl service add other 192.0.2.77:80/tcp --forward snat --source 10.0.1.0/28
must lbctl service del web-4-tcp --force

# Flows still end by themselves: the counts agree when the table did not change between two readings.
counts_agree() {
	local counted shown
	counted=$(flows --service web-6-tcp)
	shown=$(value '.services[] | select(.name == "web-6-tcp") | .flows' status)
	[[ $shown == "$counted" && $(flows --service web-6-tcp) == "$counted" ]]
}
ok "flow count and status show the same number of flows" await 30 counts_agree
finish
