#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# del, detach and flow flush are refused while flows are active, and the message has their number.
# With --force they remove the flows.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
service 4 tcp 80 "1 0"
must lbctl service add idle 192.0.2.11:80/tcp
must lbctl backend add idle 10.0.0.11

open_connection() { # to b1
	session_start http-kept "$VIP4" 80
	session_send hello
	is "$RECEIVED" b1 "a connection is open"
}
open_connection
is "$(value .flows flow count)" 1 "one flow is active"
refused 5 '1 active flow; use --force' "backend del is refused" lbctl backend del web-4-tcp 10.0.0.11
refused 5 '1 active flow; use --force' "service del is refused" lbctl service del web-4-tcp
refused 5 '1 active flow; use --force' "flow flush is refused" lbctl flow flush
refused 5 '1 active flow; use --force' "detach is refused" lbctl detach
refused 5 '1 active flow; use --force' "detach of one interface is refused" lbctl detach back
session_send hello
is "$RECEIVED" b1 "the connection still works"
prints 0 changed "a service without flows is deleted" lbctl service del idle
prints 0 changed "a backend without flows is deleted" lbctl backend del web-4-tcp 10.0.0.12
must lbctl backend add web-4-tcp 10.0.0.12 --weight 0

prints 0 changed "flow flush --force" lbctl flow flush --force
is "$(value .flows flow count)" 0 "flow flush --force leaves no flow"
session_end
open_connection
prints 0 changed "backend del --force" lbctl backend del web-4-tcp 10.0.0.11 --force
is "$(value .flows flow count)" 0 "backend del --force removes its flow"
session_end
must lbctl backend add web-4-tcp 10.0.0.11
open_connection
prints 0 changed "service del --force" lbctl service del web-4-tcp --force
is "$(value .flows flow count)" 0 "service del --force removes its flow"
session_end
service 4 tcp 80 "1"
open_connection
prints 0 changed "detach --force" lbctl detach --force
session_end
not_ok "detach --force leaves no pin" test -e "$PINS"
finish
