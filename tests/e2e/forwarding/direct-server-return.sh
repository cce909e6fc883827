#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In dsr, ipip and gue mode, backends receive the client's packets unchanged, have the VIP, and
# answer past the balancer's program. Shares, uploads and drains work as in nat mode.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
vips_on_backends
serve udp-echo 5353
serve digest 9000
file=/run/lbctl-lab-$NAME/big
sum=$(sha256sum <"$file")

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

# run_case FORWARD VIP-FAMILY BACKEND-FAMILY
run_case() {
	local what="$1, IPv$2 to IPv$3" vip replied got i service
	vip=$(vip_of "$2")
	services "$@"
	replied=$(outcome_count replied)
	is "$(fetch 90 "$(url "$vip")")" "b1=50 b2=30 b3=10" "$what: 90 connections are split 50, 30, 10"
	is "$(udp 90 "$vip" 5353)" "b1=50 b2=30 b3=10" "$what: 90 UDP flows are split 50, 30, 10"
	got=$(for ((i = 0; i < 9; i++)); do on client "$PEER" from-port 5001 "$vip" 80; done 2>&1 | tally)
	is "$got" "b1=5 b2=3 b3=1" "$what: 9 connections in turn from one port are split 5, 3, 1"
	got=$(client_curl -w '%{local_ip} %{local_port}' "$(url "$vip" 80 /client)" | xargs)
	is "$(tr ' ' '\n' <<<"$got" | sort | uniq | wc -l)" 2 "$what: the backend sees the client ($got)"
	is "$(on client "$PEER" upload "$vip" 9000 "$file")" "b2 ${sum%% *} 8388608" "$what: an upload of 8 MiB is intact"
	is "$(client_curl "$(url "$vip" 80 /big)" | sha256sum)" "$sum" "$what: a download of 8 MiB is intact"
	is "$(outcome_count replied)" "$replied" "$what: the program forwarded no reply"

	load "$vip" 80 --keep 3
	load_wait 50
	must lbctl backend drain web "$(address_of "$3" 1)"
	load_wait 50
	load_end
	no_failures "$what: no request fails during a drain"
	connections_stayed "$what: connections stay on their backends"
	for service in web echo up; do
		must lbctl service del "$service" --force
	done
}

run_case dsr 4 4
run_case dsr 6 6
decap_on_backends eth0
for forward in ipip gue; do
	for vip_family in 4 6; do
		for backend_family in 4 6; do
			run_case "$forward" "$vip_family" "$backend_family"
		done
	done
done
checksums_are_right
not_ok "decap refuses an interface that does not exist" lbctl_on b1 decap nosuch
decap_on_backends --off
is "$(find /sys/fs/bpf -maxdepth 2 -name "$NAME-b*")" "" "decap --off leaves nothing behind"
finish
