#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Several services share a backend address and port. Each reply comes from the VIP that the client
# connected to, also when a client uses one port for several services in turn. To the backend that
# is one connection, so it may refuse an early second attempt. Where flows are counted exactly,
# each service therefore has its own client address.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
serve udp-echo 5353
for family in 4 6; do
	for number in 1 2 3; do
		vip=$(vip_of "$family")
		vip=${vip%10}2$number
		must lbctl service add "s$number-$family" "$(bracket "$vip"):80/tcp"
		must lbctl service add "u$number-$family" "$(bracket "$vip"):5353/udp"
		for backend in 1 2; do
			must lbctl backend add "s$number-$family" "$(address_of "$family" "$backend")"
			must lbctl backend add "u$number-$family" "$(address_of "$family" "$backend")"
		done
	done
done

for number in 1 2 3; do
	must on client ip address add "198.51.100.2$number/24" dev eth0
	must on client ip address add "2001:db8:1::2$number/64" dev eth0 nodad
done

replies_from() { # FAMILY NUMBER COUNT: the answers' tally
	local from=198.51.100.2 to=192.0.2.2
	[[ $1 == 4 ]] || from=2001:db8:1::2 to=2001:db8:2::2
	fetch_parallel "$3" "$(url "$to$2")" --interface "$from$2"
}

for family in 4 6; do
	one=$(vip_of "$family")
	one=${one%10}21 two=${one%1}2
	replies_from "$family" 1 200 >"$WORK/first" &
	first=$!
	second=$(replies_from "$family" 2 200)
	wait "$first"
	is "$(<"$WORK/first"), $second" "b1=100 b2=100, b1=100 b2=100" "IPv$family: two services split 200 connections each at a time"
	is "$(value '.services | map(select(.name | test("^s[12]-'"$family"'"))) | map(.new_flows) | tostring' status)" \
		"[200,200]" "each service counts its own flows"

	# Both services have the same backends, so a client port is one endpoint for them.
	wrong=""
	for ((port = 5001; port <= 5020; port++)); do
		[[ -z $wrong ]] || break
		for vip in "$one" "$two" "$one"; do
			got=$(on client "$PEER" from-port "$port" "$vip" 80 2>&1) || true
			[[ $got == b[12] ]] || wrong+="$vip from $port: ${got##*$'\n'}; "
		done
	done
	is "$wrong" "" "each of 20 client ports connects to both services in turn"

	is "$(udp 100 "$one" 5353 --from 40000)" "b1=50 b2=50" "the first service splits 100 UDP flows"
	is "$(udp 100 "$two" 5353 --from 41000)" "b1=50 b2=50" "the second service splits 100 UDP flows"
done

must lbctl service del s1-4 --force
is "$(replies_from 4 2 20)" "b1=10 b2=10" "the other services keep their backends when one is deleted"
must lbctl service add s1-4 192.0.2.21:80/tcp
must lbctl backend add s1-4 10.0.0.12
is "$(replies_from 4 1 20)" "b2=20" "the deleted service can be added again, with one of the backends"
is "$(replies_from 4 3 20)" "b1=10 b2=10" "the third service is not affected"
checksums_are_right
finish
