#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Health is in the store, not in the controller: neither its end, in whatever way, nor its
# beginning brings anybody up.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1" --check "$CHECK"
controller_start
health_becomes "up up" "all are up" 1 2
backend_kill 1
health_becomes "down up" "one is down" 1 2

probes() {
	lbctl -j backend show web-4-tcp 10.0.0.11 | jq .check.consecutive
}

more_probes_than() {
	(($(probes) > $1))
}

for how in controller_stop controller_kill; do
	$how
	is "$(health 1 2)" "down up" "$how: it stays down"
	is "$(fetch 20 "$(url "$VIP4")")" "b2=20" "$how: and gets nothing"
	before=$(probes)
	controller_start
	ok "the next controller probes it" await 20 more_probes_than "$((before + 4))"
	is "$(health 1 2)" "down up" "$how: the next one does not bring it up"
done
is "$(event_count up)" 2 "nobody came up but at first"
backend_revive 1
health_becomes "up up" "until it is" 1 2
finish
