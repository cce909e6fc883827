#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Schedulers source and maglev: a hash selects the backend of a client, or of each connection. The
# result is the same after a flush of the flow table, and after another backend has left.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
serve udp-echo 5353

for family in 4 6; do
	vip=$(vip_of "$family")
	service "$family" tcp 80 "1 1 1" --scheduler source
	service "$family" udp 5353 "1 1 1" --scheduler source
	first=$(fetch 90 "$(url "$vip")")
	like "$first" '^b[1-3]=90$' "source, IPv$family: one backend gets all connections of a client"
	like "$(udp 90 "$vip" 5353)" '^b[1-3]=90$' "source, IPv$family: one backend gets all UDP flows of a client"

	must lbctl flow flush --force
	is "$(fetch 90 "$(url "$vip")")" "$first" "source, IPv$family: a flush does not change the backend"

	mapfile -t backends < <(lbctl -j backend list "web-$family-tcp" | jq -r '.[].address')
	chosen=${first:1:1}
	other=$((chosen % 3 + 1))
	must lbctl backend drain "web-$family-tcp" "${backends[other - 1]}"
	is "$(fetch 90 "$(url "$vip")")" "$first" "source, IPv$family: draining another one does not change it"
	must lbctl backend ready "web-$family-tcp" "${backends[other - 1]}"

	must lbctl service set "web-$family-tcp" --scheduler maglev
	tally=$(fetch 300 "$(url "$vip")")
	for backend in 1 2 3; do
		between 60 "$(tr ' ' '\n' <<<"$tally" | sed -n "s/^b$backend=//p")" 140 \
			"maglev, IPv$family: b$backend gets about a third of 300 connections"
	done
done
checksums_are_right
finish
