#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each client port is a flow, and flows are shared in the ratio of the weights, exactly.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
serve udp-echo 5353
service 4 udp 5353 "5 3 1"

is "$(udp 900 "$VIP4" 5353)" "b1=500 b2=300 b3=100" "900 flows are 500, 300, 100"
is "$(udp 90 "$VIP4" 5353 --times 5 --from 30000)" "b1=50 b2=30 b3=10" "all datagrams of a flow go to one backend"
is "$(udp 9 "$VIP4" 5353 --size 1400 --from 31000)" "b1=5 b2=3 b3=1" "large datagrams arrive whole"
is "$(udp 9 "$VIP4" 5353 --size 1 --from 32000)" "b1=5 b2=3 b3=1" "datagrams of odd length arrive whole"
is "$(value '[.[].new_flows] | tostring' backend list web-4-udp)" "[560,336,112]" "the counters say the same"
checksums_are_right
finish
