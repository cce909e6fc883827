#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A backend takes no more connections than its --max-flows: others take the excess, and
# when all are full, a new connection is refused. A load factor keeps all near their shares.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back

outcome() { # NAME
	value ".outcomes.$1" status
}

overloaded() { # MORE-THAN
	(($(outcome overloaded) > $1))
}

backend_flows() { # SERVICE: live flows of each backend
	value '[.[].flows | tostring] | join(" ")' backend list "$1"
}

for family in 4 6; do
	service=web-$family-tcp
	service $family tcp 80 "1 1 1"
	must lbctl backend add "$service" "$(address_of $family 1)" --update --max-flows 2
	must lbctl backend add "$service" "$(address_of $family 2)" --update --max-flows 3
	is "$(backend_field "$service" 2 max_flows)" 3 "IPv$family: a limit is shown"
	load "$(vip_of $family)" 80 --keep 12 --new 0
	load_wait 36
	is "$(backend_flows "$service")" "2 3 7" "limits are kept to, and the excess goes to who has none"
	must lbctl backend add "$service" "$(address_of $family 3)" --update --max-flows 7
	before=$(outcome overloaded)
	start on client curl -sS --max-time 60 -o "$WORK/late" "$(url "$(vip_of $family)")"
	late=$STARTED
	ok "with all of them full a new connection is refused" await 10 overloaded "$before"
	is "$(backend_flows "$service")" "2 3 7" "and nobody has another"
	load_end
	no_failures "those that are there go on"
	connections_stayed "where they were"
	ok "and as soon as they end, there is room for the one that waits" wait "$late"
	forget_process "$late"
	must lbctl service del "$service" --force

	service $family tcp 80 "1 1 1" --scheduler source --load-factor 1.2
	load "$(vip_of $family)" 80 --keep 30 --new 0
	load_wait 90
	is "$(backend_flows "$service" | tr ' ' '\n' | awk '$1 > 12' | wc -l)" 0 "30 connections of one client, load factor 1.2: nobody has more than 12"
	load_end
	no_failures "and none failed"
	must lbctl service del "$service" --force
done
checksums_are_right
finish
