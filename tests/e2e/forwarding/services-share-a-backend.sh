#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The same backend address and port serves several services; every reply comes from the
# service that was asked, even when a client uses the same port for both in turn. Who does
# so soon afterwards may be made to try again by the backend, to which it is one connection:
# so where flows are counted exactly, each service is asked from an address of its own.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
must lbctl attach front back
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

replies_from() { # FAMILY NUMBER COUNT: the names of those who answered
	local from=198.51.100.2 to=192.0.2.2
	[[ $1 == 4 ]] || from=2001:db8:1::2 to=2001:db8:2::2
	on client curl -sS --max-time 60 --parallel --parallel-immediate --parallel-max 20 --interface "$from$2" \
		-H 'Connection: close' "$(url "$to$2")?[1-$3]" 2>>"$WORK/curl"
}

for family in 4 6; do
	one=$(vip_of "$family")
	one=${one%10}21 two=${one%1}2
	got=$({
		replies_from "$family" 1 200 &
		replies_from "$family" 2 200 &
		wait
	} | tally)
	is "$got" "b1=200 b2=200" "400 connections to two services at a time, IPv$family"
	is "$(value '.services | map(select(.name | test("^s[12]-'"$family"'"))) | map(.new_flows) | tostring' status)" \
		"[200,200]" "each service counts its own"

	# The client's port is the same, and so to the backends it is the same endpoint.
	wrong=""
	for ((port = 5001; port <= 5020; port++)); do
		[[ -z $wrong ]] || break
		for vip in "$one" "$two" "$one"; do
			got=$(on client "$PEER" from-port "$port" "$vip" 80 2>&1) || true
			[[ $got == b[12] ]] || wrong+="$vip from $port: ${got##*$'\n'}; "
		done
	done
	is "$wrong" "" "one client port after the other to both services in turn"

	is "$(udp 100 "$one" 5353 --from 40000)" "b1=50 b2=50" "UDP to the first service"
	is "$(udp 100 "$two" 5353 --from 41000)" "b1=50 b2=50" "UDP to the second one"
done

must lbctl service del s1-4 --force
is "$(replies_from 4 2 20 | tally)" "b1=10 b2=10" "deleting one service leaves the others their backends"
must lbctl service add s1-4 192.0.2.21:80/tcp
must lbctl backend add s1-4 10.0.0.12
is "$(replies_from 4 1 20 | tally)" "b2=20" "and it may come again with one of them"
is "$(replies_from 4 3 20 | tally)" "b1=10 b2=10" "while a third goes on"
checksums_are_right
finish
