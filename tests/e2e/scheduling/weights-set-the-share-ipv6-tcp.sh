#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The main job: connections are shared in the ratio of the weights, exactly.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
service 6 tcp 80 "5 3 1"

url=$(url "$VIP6")
is "$(fetch 900 "$url")" "b1=500 b2=300 b3=100" "900 connections one after the other are 500, 300, 100"
got=$(on client curl -sS --max-time 60 --parallel --parallel-immediate --parallel-max 50 -H 'Connection: close' "$url?[1-900]" 2>"$WORK/curl" | tally)
is "$got" "b1=500 b2=300 b3=100" "900 connections, 50 at a time, are 500, 300, 100"

is "$(value '[.[].new_flows] | tostring' backend list web-6-tcp)" "[1000,600,200]" "the counters say the same"
is "$(value '.services[0].new_flows' status)" 1800 "and so does the service's sum"
is "$(value '.outcomes | [.to_stack, .no_backend, .no_route, .malformed, .aborted] | add' status)" 0 \
	"no packet went an unwanted way"
checksums_are_right
finish
