#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A backend in state maint gets no new flow, and its flows move to other backends.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
serve udp-echo 5353
service 4 tcp 80 "1 1 1"
service 4 udp 5353 "1 1 1"

session_start udp-kept "$VIP4" 5353
session_send hello
first=$RECEIVED
session_send hello
is "$RECEIVED" "$first" "a UDP flow stays on $first"
prints 0 changed "$first is put into maintenance" lbctl backend maint web-4-udp "10.0.0.1${first#b}"
session_send hello
like "$RECEIVED" '^b[123]$' "the flow is still answered"
not_ok "another backend answers the flow" test "$RECEIVED" = "$first"
second=$RECEIVED
must lbctl backend ready web-4-udp "10.0.0.1${first#b}"
session_send hello
is "$RECEIVED" "$second" "the flow stays there when $first is ready again"
session_end

session_start http-kept "$VIP4" 80
session_send hello
first=$RECEIVED
must lbctl backend maint web-4-tcp "10.0.0.1${first#b}"
session_send hello || true
not_ok "the backend in maintenance no longer serves its TCP connection" test "$RECEIVED" = "$first"
session_end
others=$(printf 'b%s=30\n' 1 2 3 | grep -v "^$first=" | xargs)
is "$(fetch 60 "$(url "$VIP4")")" "$others" "new connections go to the other backends"
prints 0 changed "the backend is ready again" lbctl backend ready web-4-tcp "10.0.0.1${first#b}"
is "$(fetch 90 "$(url "$VIP4")")" "b1=30 b2=30 b3=30" "all three get new connections"
checksums_are_right
finish
