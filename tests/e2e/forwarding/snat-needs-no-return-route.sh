#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# By snat backends answer to an address of the balancer's, and so need no route through
# it; a client's connections are shared, drained and counted as ever.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

SOURCES=10.0.0.64/31,2001:db8:3::64/127

lab_up --backends 3
must lbctl attach front back --max-sources 4
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
	not_ok "by nat nothing comes back over IPv$family" on client curl -sS --max-time 1 "$(url "$vip")"
	must lbctl service set "web-$family-tcp" --forward snat --source "$SOURCES"
	service "$family" udp 5353 "5 3 1" --forward snat --source "$SOURCES"
	must lbctl service add "up-$family" "$(bracket "$vip"):9000/tcp" --forward snat --source "$SOURCES"
	must lbctl backend add "up-$family" "$(address_of "$family" 2)"
	got=$(fetch 90 "$(url "$vip")")
	is "$(awk '{ n = split($0, a, /[ =]/); print a[2] + a[4] + a[6] }' <<<"$got")" 90 "90 connections over IPv$family are answered ($got)"
	is "$(udp 90 "$vip" 5353)" "b1=50 b2=30 b3=10" "90 UDP flows over IPv$family are 50, 30, 10"
	seen=$(for _ in {1..20}; do on client curl -sS --max-time 20 "$(url "$vip" 80 /client)"; done | awk '{ print $1 }' | sort -u | xargs)
	is "$seen" "$([[ $family == 4 ]] && echo 10.0.0.64 10.0.0.65 || echo 2001:db8:3::64 2001:db8:3::65)" \
		"backends see the sources, all of them"
	is "$(on client "$PEER" upload "$vip" 9000 "$file")" "b2 ${sum%% *} 8388608" "an upload of 8 MiB over IPv$family"
	is "$(on client curl -sS --max-time 60 "$(url "$vip" 80 /big)" | sha256sum)" "$sum" "a download"
	load "$vip" 80 --keep 3
	load_wait 50
	ok "flows are counted" test "$(flows --service "web-$family-tcp")" -ge 3
	must lbctl backend drain "web-$family-tcp" "$(address_of "$family" 1)"
	load_wait 50
	load_end
	no_failures "no request failed while draining over IPv$family"
	connections_stayed "connections stayed where they were"
done
checksums_are_right
refused 3 "needs addresses" "snat without a source is refused" lbctl service add other 192.0.2.77:80/tcp --forward snat
refused 5 "among" "a source that overlaps is refused" lbctl service add other 192.0.2.77:80/tcp --forward snat --source 10.0.0.64/30
refused 5 "max-sources" "and more than there is room for" lbctl service add other 192.0.2.77:80/tcp --forward snat --source 10.0.1.0/28
must lbctl service del web-4-tcp --force
is "$(flows --service web-6-tcp)" "$(value '.services[] | select(.name == "web-6-tcp") | .flows' status)" "what is shown agrees"
finish
