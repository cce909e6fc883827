#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A backend gets no more flows than its --max-flows: the other backends get the excess, and if all
# are full, a new connection is refused. --load-factor keeps every backend near its share.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up

backend_flows() { # SERVICE: active flows of each backend
	value '[.[].flows | tostring] | join(" ")' backend list "$1"
}

for family in 4 6; do
	service=web-$family-tcp
	service $family tcp 80 "1 1 1"
	must lbctl backend add "$service" "$(address_of $family 1)" --update --max-flows 2
	must lbctl backend add "$service" "$(address_of $family 2)" --update --max-flows 3
	is "$(backend_field "$service" 2 max_flows)" 3 "IPv$family: the limit is shown"
	load "$(vip_of $family)" 80 --keep 12 --new 0
	load_wait 36
	is "$(backend_flows "$service")" "2 3 7" "limits are kept, and the backend without a limit gets the excess"
	must lbctl backend add "$service" "$(address_of $family 3)" --update --max-flows 7
	before=$(outcome_count overloaded)
	start on client curl -sS --max-time "$LIMIT_S" -o "$WORK/late" "$(url "$(vip_of $family)")"
	late=$STARTED
	ok "a new connection is refused while all backends are full" await 10 outcome_above overloaded "$before"
	is "$(backend_flows "$service")" "2 3 7" "no backend gets another flow"
	load_end
	no_failures "existing connections continue"
	connections_stayed "existing connections stay on their backends"
	reap "$late"
	is "$STATUS" 0 "the waiting connection is accepted when the others have ended"
	must lbctl service del "$service" --force

	service $family tcp 80 "1 1 1" --scheduler source --load-factor 1.2
	load "$(vip_of $family)" 80 --keep 30 --new 0
	load_wait 90
	is "$(backend_flows "$service" | tr ' ' '\n' | awk '$1 > 12' | wc -l)" 0 \
		"load factor 1.2, 30 connections of one client: no backend has more than 12"
	load_end
	no_failures "no request fails"
	must lbctl service del "$service" --force
done
checksums_are_right
finish
