#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# By dsr, ipip and gue backends get the packets as the client sent them, have the VIP, and
# answer past the balancer's program; shares, uploads and drains are as ever.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
for part in b1 b2 b3; do
	on "$part" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	must on "$part" ip addr add "$VIP4/32" dev lo
	must on "$part" ip addr add "$VIP6/128" dev lo nodad
done
serve udp-echo 5353
serve digest 9000
file=/run/lbctl-lab-$NAME/big
sum=$(sha256sum <"$file")

decap() { # FLAGS...
	local part
	for part in b1 b2 b3; do
		must on "$part" "$LBCTL" --instance "$NAME-$part" decap "$@"
	done
}

# services FORWARD VIP-FAMILY BACKEND-FAMILY
services() {
	local vip number weight=5
	vip=$(bracket "$(vip_of "$2")")
	must lbctl service add web "$vip:80/tcp" --forward "$1"
	must lbctl service add echo "$vip:5353/udp" --forward "$1"
	must lbctl service add up "$vip:9000/tcp" --forward "$1"
	for number in 1 2 3; do
		must lbctl backend add web "$(address_of "$3" "$number")" --weight "$weight"
		must lbctl backend add echo "$(address_of "$3" "$number")" --weight "$weight"
		weight=$((weight - 2))
	done
	must lbctl backend add up "$(address_of "$3" 2)"
}

# try FORWARD VIP-FAMILY BACKEND-FAMILY
run_case() {
	local what="$1, IPv$2 to IPv$3" vip replied got i
	vip=$(vip_of "$2")
	services "$@"
	replied=$(value .outcomes.replied status)
	is "$(fetch 90 "$(url "$vip")")" "b1=50 b2=30 b3=10" "$what: 90 connections are 50, 30, 10"
	is "$(udp 90 "$vip" 5353)" "b1=50 b2=30 b3=10" "$what: 90 UDP flows are 50, 30, 10"
	got=$(for ((i = 0; i < 9; i++)); do on client "$PEER" from-port 5001 "$vip" 80; done 2>&1 | tally)
	is "$got" "b1=5 b2=3 b3=1" "$what: 9 connections from one port, in turn, are 5, 3, 1"
	got=$(on client curl -sS --max-time 20 -w '%{local_ip} %{local_port}' "$(url "$vip" 80 /client)" | xargs)
	is "$(tr ' ' '\n' <<<"$got" | sort | uniq | wc -l)" 2 "$what: the backend sees the client ($got)"
	is "$(on client "$PEER" upload "$vip" 9000 "$file")" "b2 ${sum%% *} 8388608" "$what: an upload of 8 MiB"
	is "$(on client curl -sS --max-time 60 "$(url "$vip" 80 /big)" | sha256sum)" "$sum" "$what: a download"
	is "$(value .outcomes.replied status)" "$replied" "$what: no reply came by the program"

	load "$vip" 80 --keep 3
	load_wait 50
	must lbctl backend drain web "$(address_of "$3" 1)"
	load_wait 50
	load_end
	no_failures "$what: no request failed while draining"
	connections_stayed "$what: connections stayed where they were"
	for service in web echo up; do
		must lbctl service del "$service" --force
	done
}

run_case dsr 4 4
run_case dsr 6 6
decap eth0
for forward in ipip gue; do
	for vip_family in 4 6; do
		for backend_family in 4 6; do
			run_case "$forward" "$vip_family" "$backend_family"
		done
	done
done
checksums_are_right
not_ok "decap refuses an interface that there is none of" on b1 "$LBCTL" --instance "$NAME-b1" decap nosuch
decap --off
is "$(find /sys/fs/bpf -maxdepth 2 -name "$NAME-b*")" "" "decap --off leaves nothing"
finish
