#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With --spill, connections go to the backends of another service if their own service is full or
# has no backend in service. Answers come from the VIP that the client connected to.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up

backend_flows() { # SERVICE: active flows of each backend
	value '[.[].flows | tostring] | join(" ")' backend list "$1"
}

spilled() { # SERVICE FIELD
	value ".spilled.$2" service show "$1"
}

clients=([4]=198.51.100.2 [6]=2001:db8:1::2)
for family in 4 6; do
	vip=$(vip_of $family)
	web=web-$family-tcp
	sorry=sorry-$family
	must lbctl service add "$sorry" "$(bracket "${vip%10}20"):80/tcp"
	service $family tcp 80 "1" --spill "$sorry"
	must lbctl backend add "$sorry" "$(address_of $family 2)" --weight 2
	must lbctl backend add "$sorry" "$(address_of $family 3)"
	is "$(value .spill service show "$web")" "$sorry" "IPv$family: service show has the spill service"
	is "$(fetch 30 "$(url "$vip")")" "b1=30" "a service with capacity spills nothing"

	must lbctl backend add "$web" "$(address_of $family 1)" --update --max-flows 4
	load "$vip" 80 --keep 10 --new 0
	load_wait 40
	is "$(backend_flows "$web") $(spilled "$web" flows)" "4 6" "flows above --max-flows are spilled"
	is "$(backend_flows "$sorry")" "0 0" "spilled flows count for the service of the client's VIP"
	is "$(value '[.[].spilled_flows | tostring] | join(" ")' backend list "$sorry")" "4 2" \
		"the spill service's weights split them"
	refused 5 "6 active spilled flows" "active spilled flows need --force: service set --spill none" lbctl service set "$web" --spill none
	refused 5 "active flow" "active spilled flows need --force: backend del" lbctl backend del "$sorry" "$(address_of $family 2)"
	refused 5 "spills to" "a spill service cannot be deleted" lbctl service del "$sorry" --force
	must lbctl backend drain "$sorry" "$(address_of $family 2)"
	not_ok "drain --wait waits for spilled flows" lbctl backend drain "$sorry" "$(address_of $family 2)" --wait --timeout 100ms
	load_wait 40
	load_end
	no_failures "no request fails"
	connections_stayed "connections stay on their backends"
	must lbctl backend ready "$sorry" "$(address_of $family 2)"

	must lbctl backend drain "$web" "$(address_of $family 1)"
	is "$(value '[.steps[] | select(.step == "spill").text] | join(" ")' explain --interface front --syn \
		--src "$(bracket "${clients[$family]}"):4711" --dst "$(bracket "$vip"):80/tcp")" \
		"to a backend of '$sorry'" "explain shows the spill as a step"
	is "$(fetch 30 "$(url "$vip")")" "b2=20 b3=10" "a service without a backend in service spills everything"
	is "$(fetch 30 "$(url "${vip%10}20")")" "b2=20 b3=10" "the spill service still serves its own VIP"
	must lbctl backend add "$sorry" "$(address_of $family 1)" --weight 3
	is "$(fetch 30 "$(url "$vip")")" "b1=15 b2=10 b3=5" "a backend that joins the spill service gets its share"
	must lbctl backend ready "$web" "$(address_of $family 1)"
	is "$(fetch 30 "$(url "$vip")")" "b1=30" "with a backend in service again, nothing is spilled"
	must lbctl service set "$web" --spill none --force
	must lbctl backend drain "$web" "$(address_of $family 1)"
	not_ok "without --spill, connections are not answered" connects "$(url "$vip")"
done
checksums_are_right

refused 4 "unknown service 'missing'" "the spill service must exist" lbctl service set web-4-tcp --spill missing
refused 3 "spill to itself" "a service cannot spill to itself" lbctl service set web-4-tcp --spill web-4-tcp
refused 3 "IP version" "both services must have the same IP version" lbctl service set web-4-tcp --spill sorry-6
must lbctl service add plain 192.0.2.30:8080/tcp --forward ipip
refused 3 "does not translate ports" "the forwarding mode must reach the spill service's backends" lbctl service set plain --spill sorry-4
must lbctl service set web-4-tcp --spill sorry-4
must lbctl service set sorry-4 --spill web-4-tcp
is "$(fetch 30 "$(url "$VIP4")")" "b1=15 b2=10 b3=5" "two services can spill to each other"
must lbctl save -o "$WORK/saved"
is "$(grep -c 'spill: ' "$WORK/saved") $(grep -c 'address: ' "$WORK/saved")" "2 8" "a saved file has the spill services, and no alias backends"
is "$(lbctl apply -f "$WORK/saved" --prune)" unchanged "applying the saved file changes nothing"
must lbctl service del web-6-tcp --force
ok "a service that is no longer a spill service can be deleted" lbctl service del sorry-6 --force
finish
