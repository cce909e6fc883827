#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `backend maint --reset` resets the backend's connections: their clients receive RST at once.
# Without it, and without another backend, they wait for their timeouts.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 1

transfers() { # SERVICE
	(($(flows --service "$1") > 0))
}

for family in 4 6; do
	service=web-$family-tcp
	service $family tcp 80 1
	start on client curl -sS --fail-early --max-time "$LIMIT_S" -o "$WORK/page-$family" "$(url "$(vip_of $family)" 80 /slow)?[1-200]"
	curl=$STARTED
	must await 10 test -s "$WORK/page-$family"
	ok "IPv$family: a backend is sending an answer" transfers "$service"
	before=$(outcome_count reset)
	prints 0 changed "maint --reset" lbctl backend maint "$service" "$(address_of $family 1)" --reset
	reap "$curl"
	is "$STATUS" 56 "the client's connection fails with a reset, not with a timeout"
	ok "the reset is counted" outcome_above reset "$before"
	becomes 0 "the flow is removed" flows --service "$service"
	is "$(backend_field "$service" 1 reset)" true "the backend's state shows reset"
	prints 0 unchanged "the same command again changes nothing" lbctl backend maint "$service" "$(address_of $family 1)" --reset
	must lbctl backend ready "$service" "$(address_of $family 1)"
	is "$(backend_field "$service" 1 reset)" false "ready clears reset"
	is "$(fetch 10 "$(url "$(vip_of $family)")")" "b1=10" "new connections are served"
done
checksums_are_right
finish
