#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Schedulers are exchanged under load; connections stay where they are, and nothing is lost.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "5 3 1"
url=$(url "$VIP4")

load "$VIP4" 80 --keep 9
load_wait 50
for scheduler in rr random wrr random rr wrr rr; do
	must lbctl service set web-4-tcp --scheduler "$scheduler"
	load_wait 30
done
load_end
no_failures "no request failed"
connections_stayed "no connection moved"
is "$(value '.services[0].scheduler' status)" rr "the last one holds"
is "$(fetch 300 "$url")" "b1=100 b2=100 b3=100" "and is obeyed: rr"
prints 0 changed "wrr again" lbctl service set web-4-tcp --scheduler wrr
is "$(fetch 900 "$url")" "b1=500 b2=300 b3=100" "is obeyed, too"
prints 0 unchanged "the same again is no change" lbctl service set web-4-tcp --scheduler wrr
checksums_are_right
finish
