#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A draining backend gets no new flow after the command has returned; its existing flows continue
# to their ends.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
service 4 tcp 80 "1 1 1"
service 6 tcp 80 "1 1 1"

for family in 4 6; do
	service=web-$family-tcp
	backend=$(address_of "$family" 1)
	load "$(vip_of "$family")" 80 --keep 6
	load_wait 100
	prints 0 changed "IPv$family: b1 is drained" lbctl backend drain "$service" "$backend"
	new_flows=$(backend_field "$service" 1 new_flows)
	is "$(backend_field "$service" 1 state)" drain "b1's state is drain"
	becomes 2 "b1 keeps its two kept connections" backend_field "$service" 1 flows
	status=0
	lbctl backend drain "$service" "$backend" --wait --timeout 300ms >"$WORK/out" 2>&1 || status=$?
	is "$status" 7 "--wait ends at --timeout while flows are active"
	load_wait 300
	is "$(backend_field "$service" 1 new_flows)" "$new_flows" "b1 gets no new flow after the command returned"
	like "$(fetch 100 "$(url "$(vip_of "$family")")")" '^b2=[0-9]+ b3=[0-9]+$' "the other backends get the new flows"
	load_end
	no_failures "no request fails"
	connections_stayed "kept connections stay on their backends"
	ok "drain --wait returns when the last flow has ended" \
		lbctl backend drain "$service" "$backend" --wait --timeout "${LIMIT_S}s"
	is "$(flows --service "$service" --backend "$backend")" 0 "b1 has no flow any more"
	prints 0 changed "the backend can be deleted without --force" lbctl backend del "$service" "$backend"
done
checksums_are_right
finish
