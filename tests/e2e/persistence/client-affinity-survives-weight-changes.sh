#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With --persist source, one backend gets all connections of a client, also after weight changes,
# until the backend leaves service.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
service 4 tcp 80 "1 1 1" --persist source=1h
service 6 tcp 80 "1 1 1" --persist source=2h
clients4=(198.51.100.{21..29}) clients6=(2001:db8:1::{21..29})
for address in "${clients4[@]}"; do
	must on client ip address add "$address/24" dev eth0
done
for address in "${clients6[@]}"; do
	must on client ip address add "$address/64" dev eth0 nodad
done

fetch_from() { # CLIENT FAMILY COUNT: the answers' tally
	fetch "$3" "$(url "$(vip_of "$2")")" --interface "$1"
}

# Clients that get another backend than recorded in $WORK/first-FAMILY.
moved_clients() { # FAMILY
	local client name
	while read -r client name; do
		[[ $(fetch_from "$client" "$1" 10) == "$name=10" ]] || echo "$client"
	done <"$WORK/first-$1"
}

for family in 4 6; do
	declare -n clients=clients$family
	service=web-$family-tcp
	for client in "${clients[@]}"; do
		echo "$client $(fetch_from "$client" "$family" 1)"
	done | sed 's/=1$//' >"$WORK/first-$family"
	is "$(cut -d' ' -f2 "$WORK/first-$family" | tally)" "b1=3 b2=3 b3=3" "IPv$family: nine clients are spread over three backends"
	is "$(moved_clients $family)" "" "each client keeps its backend"
	must lbctl backend weight "$service" "$(address_of $family 1)" 0
	must lbctl backend weight "$service" "$(address_of $family 2)" 100
	is "$(moved_clients $family)" "" "weight changes, also to 0, move no client"
	must lbctl service set "$service" --scheduler random
	is "$(moved_clients $family)" "" "a change of the scheduler moves no client"
	must lbctl backend drain "$service" "$(address_of $family 2)"
	is "$(moved_clients $family)" "$(awk '$2 == "b2" { print $1 }' "$WORK/first-$family")" "a drain moves the clients of that backend only"
	must lbctl service set "$service" --persist flow --scheduler rr
	must lbctl backend ready "$service" "$(address_of $family 2)"
	must lbctl backend weight "$service" "$(address_of $family 1)" 100%
	must lbctl backend weight "$service" "$(address_of $family 2)" 100%
	is "$(fetch_from "${clients[0]}" $family 30)" "b1=10 b2=10 b3=10" "with --persist flow, each connection is balanced separately"
done
checksums_are_right
finish
