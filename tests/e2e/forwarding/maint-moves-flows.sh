#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# State maint: no new flow, and the flows there are are chosen anew.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
serve udp-echo 5353
service 4 tcp 80 "1 1 1"
service 4 udp 5353 "1 1 1"

converse udp-kept "$VIP4" 5353
say hello
first=$ANSWER
say hello
is "$ANSWER" "$first" "a UDP flow stays with $first"
says 0 changed "$first goes into maintenance" lbctl backend maint web-4-udp "10.0.0.1${first#b}"
say hello
like "$ANSWER" '^b[123]$' "the flow is answered on"
nok "by somebody else" test "$ANSWER" = "$first"
second=$ANSWER
must lbctl backend ready web-4-udp "10.0.0.1${first#b}"
say hello
is "$ANSWER" "$second" "and stays there when $first is ready again"
hang_up

converse http-kept "$VIP4" 80
say hello
first=$ANSWER
must lbctl backend maint web-4-tcp "10.0.0.1${first#b}"
say hello || true
nok "a TCP connection of a backend in maintenance is not served by it" test "$ANSWER" = "$first"
hang_up
others=$(printf 'b%s=30\n' 1 2 3 | grep -v "^$first=" | xargs)
is "$(fetch 60 "$(url "$VIP4")")" "$others" "new connections go to the others"
says 0 changed "ready ends it" lbctl backend ready web-4-tcp "10.0.0.1${first#b}"
is "$(fetch 90 "$(url "$VIP4")")" "b1=30 b2=30 b3=30" "and everybody is served again"
checksums_are_right
finish
