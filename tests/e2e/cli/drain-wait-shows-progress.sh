#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# While `backend drain --wait` waits, it shows the number of active flows and the time waited on a
# terminal, in one line. It prints none of this to a pipe.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
service 4 tcp 80 "1 1"

# start_drain FLAGS...: the command in the background with a terminal as its standard error. The
# terminal receives $WORK/terminal.
start_drain() {
	rm -f "$WORK/terminal"
	start on balancer "$PEER" terminal "$WORK/terminal" \
		"$LBCTL" --instance "$NAME" backend drain web-4-tcp 10.0.0.11 --wait "$@" >"$WORK/out"
}

# The successive contents of the progress line, one per line.
progress() {
	tr '\r' '\n' <"$WORK/terminal" | sed 's/\x1b\[K//g' | grep -v '^$'
}

load "$VIP4" 80 --keep 6 --new 0
load_wait 20
start_drain --timeout 300ms
reap "$STARTED"
is "$STATUS" 7 "drain --wait --timeout ends with exit code 7"
like "$(progress | head -n 1)" "^3 flows left, [0-9]+ s of 1 s$" "it shows active flows, time and limit"
like "$(tail -n 2 "$WORK/terminal" | head -n 1)" "^lbctl: backend drain: not drained: 3 active flows" \
	"the message is on a line of its own"
is "$(<"$WORK/out")" changed "the answer is on standard output"

start_drain
waiter=$STARTED
must await 10 grep -q "3 flows left" "$WORK/terminal"
load_end
reap "$waiter"
is "$STATUS" 0 "drain --wait ends when the last flow has ended"
like "$(progress | head -n 1)" "^3 flows left, [0-9]+ s$" "without --timeout it shows no limit"
like "$(progress | tail -n 1)" "^0 flows left, [0-9]+ s$" "it shows last that no flow is left"
is "$(tail -c 1 "$WORK/terminal" | wc -l)" 1 "the progress line is terminated"

must lbctl backend ready web-4-tcp 10.0.0.11
prints 0 changed "drain --wait into a pipe" lbctl backend drain web-4-tcp 10.0.0.11 --wait
is "$(<"$WORK/err")" "" "it prints no progress to a pipe"
finish
