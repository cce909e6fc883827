#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A weight of 0 is allowed, and means no new flow.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "2 0 1"
url=$(url "$VIP4")

is "$(fetch 300 "$url")" "b1=200 b3=100" "a backend added with weight 0 gets nothing"
prints 0 changed "weight 0 is set live" lbctl backend weight web-4-tcp 10.0.0.13 0
is "$(fetch 100 "$url")" "b1=100" "and gets nothing from then on"

must lbctl backend weight web-4-tcp 10.0.0.11 0
before=$(value .outcomes.no_backend status)
not_ok "with nobody left a connection fails" on client curl -sS --connect-timeout 1 "$url"
after=$(value .outcomes.no_backend status)
ok "and its packets are counted as no_backend" test "$after" -gt "$before"

must lbctl backend weight web-4-tcp 10.0.0.12 7
is "$(fetch 50 "$url")" "b2=50" "a weight above 0 brings one back"
checksums_are_right
finish
