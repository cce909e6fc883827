#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With schedulers maglev and source and one-way forwarding (dsr, ipip, gue), connections have no
# flow entry. They still stay on their backends when weights, the scheduler, the forwarding mode or
# the program change, and when a backend is drained.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
vips_on_backends
decap_on_backends eth0

change() { # TEXT ARGUMENTS OF lbctl...
	note "$1"
	must lbctl "${@:2}"
	load_wait 40
}

# run_case FAMILY SCHEDULER FORWARD OTHER-FORWARD
run_case() {
	local what="$2, $3, IPv$1" vip first
	vip=$(vip_of "$1")
	service "$1" tcp 80 "1 1 1" --scheduler "$2" --forward "$3"
	first=$(address_of "$1" 1)
	load "$vip" 80 --keep 24
	load_wait 50
	is "$(flows)" 0 "$what: the flow table has no entry"
	change "a weight changes" backend weight "web-$1-tcp" "$(address_of "$1" 2)" 3
	change "a backend is drained" backend drain "web-$1-tcp" "$first"
	is "$(fetch 60 "$(url "$vip")" | grep -c b1=)" 0 "$what: the draining backend gets no new connection"
	change "the scheduler changes" service set "web-$1-tcp" --scheduler wrr
	change "the scheduler changes back" service set "web-$1-tcp" --scheduler "$2"
	change "the forwarding mode changes" service set "web-$1-tcp" --forward "$4"
	change "the program is upgraded" upgrade
	change "the backend is ready again" backend ready "web-$1-tcp" "$first"
	load_end
	no_failures "$what: no request fails"
	connections_stayed "$what: no connection moves"
	must lbctl service del "web-$1-tcp" --force
}

run_case 4 maglev dsr ipip
run_case 6 maglev ipip gue
run_case 4 source ipip dsr
checksums_are_right
decap_on_backends --off
finish
