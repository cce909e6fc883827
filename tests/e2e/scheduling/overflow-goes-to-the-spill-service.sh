#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With --spill, connections for which a service has no room, or no backend in service, go
# to the backends of another one, and are answered from the address that was asked.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back

backend_flows() { # SERVICE: live flows of each backend
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
	is "$(value .spill service show "$web")" "$sorry" "IPv$family: it is shown where a service spills to"
	is "$(fetch 30 "$(url "$vip")")" "b1=30" "as long as it can, a service keeps its connections"

	must lbctl backend add "$web" "$(address_of $family 1)" --update --max-flows 4
	load "$vip" 80 --keep 10 --new 0
	load_wait 40
	is "$(backend_flows "$web") $(spilled "$web" flows)" "4 6" "what its backend has no room for is spilled"
	is "$(backend_flows "$sorry")" "0 0" "and belongs to the service that was asked,"
	is "$(value '[.[].spilled_flows | tostring] | join(" ")' backend list "$sorry")" "4 2" \
		"shared by the weights of those who got it"
	refused 5 "6 active spilled flows" "they are not taken away without --force" lbctl service set "$web" --spill none
	refused 5 "active flow" "nor with their backend" lbctl backend del "$sorry" "$(address_of $family 2)"
	refused 5 "spills to" "nor with its service" lbctl service del "$sorry" --force
	must lbctl backend drain "$sorry" "$(address_of $family 2)"
	not_ok "who is drained waits for them" lbctl backend drain "$sorry" "$(address_of $family 2)" --wait --timeout 100ms
	load_wait 40
	load_end
	no_failures "none of them failed"
	connections_stayed "nor moved"
	must lbctl backend ready "$sorry" "$(address_of $family 2)"

	must lbctl backend drain "$web" "$(address_of $family 1)"
	is "$(value '[.steps[] | select(.step == "spill").text] | join(" ")' explain --interface front --syn \
		--src "$(bracket "${clients[$family]}"):4711" --dst "$(bracket "$vip"):80/tcp")" \
		"to a backend of '$sorry'" "explain has it as a step of its own"
	is "$(fetch 30 "$(url "$vip")")" "b2=20 b3=10" "with its backend out of service everything is spilled"
	is "$(fetch 30 "$(url "${vip%10}20")")" "b2=20 b3=10" "while the other service serves its own address"
	must lbctl backend add "$sorry" "$(address_of $family 1)" --weight 3
	is "$(fetch 30 "$(url "$vip")")" "b1=15 b2=10 b3=5" "a backend that comes there takes part"
	must lbctl backend ready "$web" "$(address_of $family 1)"
	is "$(fetch 30 "$(url "$vip")")" "b1=30" "as soon as it can, the service has its connections to itself"
	must lbctl service set "$web" --spill none --force
	must lbctl backend drain "$web" "$(address_of $family 1)"
	not_ok "without --spill nobody answers" on client curl -sS --max-time 1 "$(url "$vip")"
done
checksums_are_right

refused 4 "unknown service 'nobody'" "a service has to be there to be spilled to" lbctl service set web-4-tcp --spill nobody
refused 3 "spill to itself" "and to be another" lbctl service set web-4-tcp --spill web-4-tcp
refused 3 "IP version" "of the same IP version" lbctl service set web-4-tcp --spill sorry-6
must lbctl service add plain 192.0.2.30:8080/tcp --forward ipip
refused 3 "does not translate ports" "with backends that its packets reach" lbctl service set plain --spill sorry-4
must lbctl service set web-4-tcp --spill sorry-4
must lbctl service set sorry-4 --spill web-4-tcp
is "$(fetch 30 "$(url "$VIP4")")" "b1=15 b2=10 b3=5" "two services may spill to each other"
must lbctl save -o "$WORK/saved"
is "$(grep -c 'spill: ' "$WORK/saved") $(grep -c 'address: ' "$WORK/saved")" "2 8" "a saved file tells whom they spill to, and of no deputies"
is "$(lbctl apply -f "$WORK/saved" --prune)" unchanged "and changes nothing when it is applied"
must lbctl service del web-6-tcp --force
ok "who is spilled to no more may go" lbctl service del sorry-6 --force
finish
