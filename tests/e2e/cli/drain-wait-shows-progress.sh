#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# While `backend drain --wait` waits, a terminal is shown how many flows are left and
# for how long it has been waiting, in one line; a pipe is shown nothing of it.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1"

# The command's standard error on a terminal; what it shows is in $WORK/terminal.
on_a_terminal() { # ARGUMENTS OF lbctl...
	on balancer "$PEER" terminal "$WORK/terminal" "$LBCTL" --instance "$NAME" "$@"
}

# What a line showed, one state a line.
shown() {
	tr '\r' '\n' <"$WORK/terminal" | sed 's/\x1b\[K//g' | grep -v '^$'
}

load "$VIP4" 80 --keep 6 --new 0
load_wait 20
status=0
on_a_terminal backend drain web-4-tcp 10.0.0.11 --wait --timeout 300ms >"$WORK/out" || status=$?
is "$status" 7 "--wait gives up"
is "$(shown | head -n 1)" "3 flows left, 0 s of 1 s" "it shows how many flows are left, and since when"
like "$(tail -n 2 "$WORK/terminal" | head -n 1)" "^lbctl: backend drain: not drained: 3 active flows" "the message has its own line"
is "$(<"$WORK/out")" changed "the answer is on standard output"

rm "$WORK/terminal"
start on balancer "$PEER" terminal "$WORK/terminal" "$LBCTL" --instance "$NAME" backend drain web-4-tcp 10.0.0.11 --wait
waiter=$STARTED
await 10 grep -q "3 flows left" "$WORK/terminal"
load_end
status=0
wait "$waiter" || status=$?
forget_process "$waiter"
is "$status" 0 "it returns when the last flow is gone"
like "$(shown | head -n 1)" "^3 flows left, [0-9]+ s$" "without --timeout it shows none"
like "$(shown | tail -n 1)" "^0 flows left, [0-9]+ s$" "the last thing shown is that none is left"
is "$(tail -c 1 "$WORK/terminal" | wc -l)" 1 "and the line is ended"

must lbctl backend ready web-4-tcp 10.0.0.11
prints 0 changed "a pipe" lbctl backend drain web-4-tcp 10.0.0.11 --wait
is "$(<"$WORK/err")" "" "is shown nothing"
finish
