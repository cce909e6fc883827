#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `backend maint --reset` ends the connections of a backend: their clients are told at once,
# where otherwise, without another backend, they would wait in vain.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 1
must lbctl attach front back

outcome() { # NAME
	value ".outcomes.$1" status
}

transfers() { # SERVICE
	(($(flows --service "$1") > 0))
}

for family in 4 6; do
	service=web-$family-tcp
	service $family tcp 80 1
	start on client curl -sS --fail-early --max-time 100 -o "$WORK/page-$family" "$(url "$(vip_of $family)" 80 /slow)?[1-50]"
	curl=$STARTED
	await 10 test -s "$WORK/page-$family"
	ok "IPv$family: a backend is in the midst of an answer" transfers "$service"
	before=$(outcome reset)
	prints 0 changed "when its connections are reset" lbctl backend maint "$service" "$(address_of $family 1)" --reset
	status=0
	wait "$curl" || status=$?
	forget_process "$curl"
	is "$status" 56 "its client's connection fails, and not by time"
	is "$(($(outcome reset) - before))" 1 "one packet was answered so"
	is "$(flows --service "$service")" 0 "the flow is forgotten"
	is "$(backend_field "$service" 1 reset)" true "the backend's state tells of it"
	prints 0 unchanged "saying it again changes nothing" lbctl backend maint "$service" "$(address_of $family 1)" --reset
	must lbctl backend ready "$service" "$(address_of $family 1)"
	is "$(backend_field "$service" 1 reset)" false "ready ends it"
	is "$(fetch 10 "$(url "$(vip_of $family)")")" "b1=10" "and new connections are served"
done
checksums_are_right
finish
