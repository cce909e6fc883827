#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The scheduler can be changed under load: connections stay on their backends, and no request fails.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
service 4 tcp 80 "5 3 1"
url=$(url "$VIP4")

load "$VIP4" 80 --keep 9
load_wait 50
for scheduler in rr random wrr random rr wrr rr; do
	must lbctl service set web-4-tcp --scheduler "$scheduler"
	load_wait 30
done
load_end
no_failures "no request fails"
connections_stayed "no connection moves"
is "$(value '.services[0].scheduler' status)" rr "status shows the last scheduler, rr"
is "$(fetch 300 "$url")" "b1=100 b2=100 b3=100" "rr splits new connections evenly"
prints 0 changed "the scheduler is changed to wrr" lbctl service set web-4-tcp --scheduler wrr
is "$(fetch 900 "$url")" "b1=500 b2=300 b3=100" "wrr splits new connections by weight"
prints 0 unchanged "setting the same scheduler changes nothing" lbctl service set web-4-tcp --scheduler wrr
checksums_are_right
finish
