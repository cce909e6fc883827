#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A weight of 0 is valid: the backend gets no new flow.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
service 4 tcp 80 "2 0 1"
url=$(url "$VIP4")

is "$(fetch 300 "$url")" "b1=200 b3=100" "a backend added with weight 0 gets no connection"
prints 0 changed "weight 0 is set at run time" lbctl backend weight web-4-tcp 10.0.0.13 0
is "$(fetch 100 "$url")" "b1=100" "that backend gets no further connection"

must lbctl backend weight web-4-tcp 10.0.0.11 0
before=$(outcome_count no_backend)
not_ok "a connection fails if all weights are 0" connects "$url"
ok "packets of that connection are counted as no_backend" outcome_above no_backend "$before"

must lbctl backend weight web-4-tcp 10.0.0.12 7
is "$(fetch 50 "$url")" "b2=50" "a backend with a weight above 0 gets connections again"
checksums_are_right
finish
