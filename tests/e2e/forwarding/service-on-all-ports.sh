#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A VIP with port 0 is a service on all ports of the address, except ports with a service of their
# own. Backends receive the port that the client has connected to.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
must on balancer ip addr add 10.0.0.64/32 dev back
must on balancer ip addr add 2001:db8:3::64/128 dev back nodad
serve udp-echo 5353

for family in 4 6; do
	vip=$(vip_of "$family")
	service "$family" tcp 0 "1 1"
	service "$family" udp 0 "1 1"
	for forward in nat "snat --source 10.0.0.64,2001:db8:3::64"; do
		# shellcheck disable=SC2086 # words
		must lbctl service set "web-$family-tcp" --forward $forward
		# shellcheck disable=SC2086
		must lbctl service set "web-$family-udp" --forward $forward
		what="${forward%% *}, IPv$family"
		is "$(fetch 40 "$(url "$vip")")" "b1=20 b2=20" "$what: TCP port 80 is balanced"
		is "$(fetch 40 "$(url "$vip" 8080)")" "b1=20 b2=20" "$what: TCP port 8080 is balanced"
		is "$(udp 20 "$vip" 5353)" "b1=10 b2=10" "$what: UDP port 5353 is balanced"
		status=0
		client_curl "$(url "$vip" 81)" >"$WORK/curl" 2>&1 || status=$?
		is "$status" 7 "$what: a closed port refuses the connection"
	done
	must lbctl service add "own-$family" "$(bracket "$vip"):8080/tcp"
	must lbctl backend add "own-$family" "$(address_of "$family" 2)"
	is "$(fetch 20 "$(url "$vip" 8080)")" "b2=20" "IPv$family: a service on port 8080 has precedence"
	is "$(fetch 20 "$(url "$vip")")" "b1=10 b2=10" "IPv$family: other ports are not affected"
done
checksums_are_right
finish
