#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Schedulers source and maglev: a client's connections, or each of them, go where the hash
# says, also when the balancer has forgotten them and when another backend has left.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
serve udp-echo 5353

all_at_one() { # TALLY TEXT
	if [[ $1 =~ ^b[1-3]=90$ ]]; then
		pass "$2"
	else
		fail "$2" "tally: $1"
	fi
}

for family in 4 6; do
	vip=$(vip_of "$family")
	service "$family" tcp 80 "1 1 1" --scheduler source
	service "$family" udp 5353 "1 1 1" --scheduler source
	first=$(fetch 90 "$(url "$vip")")
	all_at_one "$first" "source, TCP over IPv$family: one client, one backend"
	all_at_one "$(udp 90 "$vip" 5353)" "source, UDP over IPv$family: one client, one backend"

	must lbctl flow flush --force
	is "$(fetch 90 "$(url "$vip")")" "$first" "forgotten, it finds the same over IPv$family"

	mapfile -t backends < <(lbctl -j backend list "web-$family-tcp" | jq -r '.[].address')
	chosen=${first:1:1}
	other=$((chosen % 3 + 1))
	must lbctl backend drain "web-$family-tcp" "${backends[other - 1]}"
	is "$(fetch 90 "$(url "$vip")")" "$first" "and when another has left, over IPv$family"
	must lbctl backend ready "web-$family-tcp" "${backends[other - 1]}"

	must lbctl service set "web-$family-tcp" --scheduler maglev
	tally=$(fetch 300 "$(url "$vip")")
	for backend in 1 2 3; do
		between 60 "$(tr ' ' '\n' <<<"$tally" | sed -n "s/^b$backend=//p")" 140 \
			"maglev over IPv$family: backend $backend has about a third of 300 connections"
	done
done
checksums_are_right
finish
