#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Weights can be changed under load: connections stay on their backends, and no request fails.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
service 4 tcp 80 "5 3 1"
service 6 tcp 80 "5 3 1"

for family in 4 6; do
	service=web-$family-tcp
	vip=$(vip_of "$family")
	load "$vip" 80 --keep 18
	load_wait 50
	failed=0
	for weight in 0 1 2 3 5 7 11 13 100 65535 0 1 9 8 7; do
		for number in 1 2 3; do
			got=$(lbctl backend weight "$service" "$(address_of "$family" "$number")" $((weight * number % 65536))) || failed=1
			[[ $got == changed || $got == unchanged ]] || failed=1
		done
	done
	is "$failed" 0 "IPv$family: 45 weight changes succeed"
	for number in 1 2 3; do
		must lbctl backend weight "$service" "$(address_of "$family" "$number")" "$number"
	done
	load_wait 100
	load_end
	no_failures "no request fails"
	connections_stayed "no connection moves"
	is "$(fetch 600 "$(url "$vip")")" "b1=100 b2=200 b3=300" "new connections follow the new weights exactly"
done

must lbctl backend weight web-4-tcp 10.0.0.11 +4
is "$(backend_field web-4-tcp 1 effective_weight)" 5 "+N adds to the weight"
must lbctl backend weight web-4-tcp 10.0.0.11 -2
is "$(backend_field web-4-tcp 1 effective_weight)" 3 "-N subtracts from the weight"
must lbctl backend weight web-4-tcp 10.0.0.12 50%
is "$(backend_field web-4-tcp 2 effective_weight)" 1.5 "N% is a share of the configured weight, 3"
must lbctl backend weight web-4-tcp 10.0.0.13 0
is "$(fetch 300 "$(url "$VIP4")")" "b1=200 b2=100" "weights 3 and 1.5 split connections 2 to 1"
checksums_are_right
finish
