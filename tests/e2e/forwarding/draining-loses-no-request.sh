#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A drained backend gets no new flow once the command has returned; the flows that
# it has go on until their ends.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "1 1 1"
service 6 tcp 80 "1 1 1"

for family in 4 6; do
	service=web-$family-tcp
	backend=$(address_of "$family" 1)
	load "$(vip_of "$family")" 80 --keep 6
	load_wait 100
	prints 0 changed "IPv$family: b1 is drained" lbctl backend drain "$service" "$backend"
	new_flows=$(backend_field "$service" 1 new_flows)
	is "$(backend_field "$service" 1 state)" drain "its state says so"
	is "$(backend_field "$service" 1 flows)" 2 "it keeps the two connections that it has"
	status=0
	lbctl backend drain "$service" "$backend" --wait --timeout 300ms >"$WORK/out" 2>&1 || status=$?
	is "$status" 7 "--wait gives up when they last longer than --timeout"
	load_wait 300
	is "$(backend_field "$service" 1 new_flows)" "$new_flows" "no new flow since the command returned"
	like "$(fetch 100 "$(url "$(vip_of "$family")")")" '^b2=[0-9]+ b3=[0-9]+$' "the others share what is new"
	load_end
	no_failures "no request failed"
	connections_stayed "old connections were served by their backend to the end"
	ok "drain --wait returns when the last flow is gone" \
		lbctl backend drain "$service" "$backend" --wait --timeout 20s
	is "$(flows --service "$service" --backend "$backend")" 0 "it has no flow left"
	prints 0 changed "and can be deleted without force" lbctl backend del "$service" "$backend"
done
checksums_are_right
finish
