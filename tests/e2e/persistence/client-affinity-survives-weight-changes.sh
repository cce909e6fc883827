#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With --persist source all connections of a client go to the backend of its first,
# through changes of weights, until that backend may not be had any more.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "1 1 1" --persist source
service 6 tcp 80 "1 1 1" --persist source=1h
clients4=(198.51.100.{21..29}) clients6=(2001:db8:1::{21..29})
for address in "${clients4[@]}"; do
	must on client ip address add "$address/24" dev eth0
done
for address in "${clients6[@]}"; do
	must on client ip address add "$address/64" dev eth0 nodad
done

fetch_from() { # CLIENT FAMILY COUNT: as fetch, from one of the client's addresses
	on client curl -sS --max-time 60 --interface "$1" -H 'Connection: close' "$(url "$(vip_of "$2")")?[1-$3]" 2>&1 | tally
}

# Who does not stay with its backend, as told by $WORK/first-FAMILY?
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
	is "$(moved_clients $family)" "" "each stays where it was"
	must lbctl backend weight "$service" "$(address_of $family 1)" 0
	must lbctl backend weight "$service" "$(address_of $family 2)" 100
	is "$(moved_clients $family)" "" "also when weights change, to 0 as well"
	must lbctl service set "$service" --scheduler random
	is "$(moved_clients $family)" "" "and the scheduler"
	must lbctl backend drain "$service" "$(address_of $family 2)"
	is "$(moved_clients $family)" "$(awk '$2 == "b2" { print $1 }' "$WORK/first-$family")" "a backend that is drained is left, by its clients only"
	must lbctl service set "$service" --persist flow --scheduler rr
	must lbctl backend ready "$service" "$(address_of $family 2)"
	must lbctl backend weight "$service" "$(address_of $family 1)" 100%
	must lbctl backend weight "$service" "$(address_of $family 2)" 100%
	is "$(fetch_from "${clients[0]}" $family 30)" "b1=10 b2=10 b3=10" "by --persist flow they are balanced as all others"
done
checksums_are_right
finish
