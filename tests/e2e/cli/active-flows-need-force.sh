#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# del, detach and flow flush refuse while flows are alive and name how many; --force does it.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 0"
must lbctl service add idle 192.0.2.11:80/tcp
must lbctl backend add idle 10.0.0.11

open_one() { # a kept connection to b1
	session_start http-kept "$VIP4" 80
	session_send hello
}
open_one
is "$RECEIVED" b1 "a connection is open"
is "$(value .flows flow count)" 1 "one flow"
refused 5 '1 active flow; use --force' "backend del" lbctl backend del web-4-tcp 10.0.0.11
refused 5 '1 active flow; use --force' "service del" lbctl service del web-4-tcp
refused 5 '1 active flow; use --force' "flow flush" lbctl flow flush
refused 5 '1 active flow; use --force' "detach" lbctl detach
refused 5 '1 active flow; use --force' "detach of one interface" lbctl detach back
session_send hello
is "$RECEIVED" b1 "the connection lives on"
prints 0 changed "what has no flows is deleted without force" lbctl service del idle
prints 0 changed "a backend without flows, too" lbctl backend del web-4-tcp 10.0.0.12
must lbctl backend add web-4-tcp 10.0.0.12 --weight 0

prints 0 changed "flow flush --force" lbctl flow flush --force
is "$(value .flows flow count)" 0 "no flow is left"
session_end
open_one
prints 0 changed "backend del --force" lbctl backend del web-4-tcp 10.0.0.11 --force
is "$(value .flows flow count)" 0 "and its flow went with it"
session_end
must lbctl backend add web-4-tcp 10.0.0.11
open_one
is "$RECEIVED" b1 "another connection"
prints 0 changed "service del --force" lbctl service del web-4-tcp --force
is "$(value .flows flow count)" 0 "and its flow went with it"
session_end
service 4 tcp 80 "1"
open_one
is "$RECEIVED" b1 "and another"
prints 0 changed "detach --force" lbctl detach --force
session_end
not_ok "nothing is left" test -e "$PINS"
finish
