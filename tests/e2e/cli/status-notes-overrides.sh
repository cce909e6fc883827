#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The notes of `lbctl status` list overrides by commands, failed checks, limits and settings that are
# not the default. On a terminal status is coloured, unless NO_COLOR is set.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/terminal.bash
source "$ROOT/tests/lib/shell/terminal.bash"

balancer_up --backends 3
service 4 tcp 80 "5 3 1"

# Prints the note of a service or backend; nothing if it has none.
note_of() { # SERVICE [BACKEND]
	lbctl status | sed -n '/^OF /,/^$/p' | sed -n "s|^$* \\{1,\\}||p"
}

is "$(lbctl status | grep -c NOTE)" 0 "a default configuration has no notes"
must lbctl backend drain web-4-tcp 10.0.0.11
must lbctl backend weight web-4-tcp 10.0.0.12 50%
is "$(note_of web-4-tcp 10.0.0.11:80)" "drain by command (configured: ready)" "an override of the state has a note"
is "$(note_of web-4-tcp 10.0.0.12:80)" "weight 1.5 by command (configured: 3)" "an override of the weight has a note"
like "$(lbctl status)" "10.0.0.11:80 +drain " "the current state has its own column"
must lbctl backend maint web-4-tcp 10.0.0.11 --reset
is "$(note_of web-4-tcp 10.0.0.11:80)" "maint by command (configured: ready), TCP flows are reset" "maint --reset has a note"
must lbctl backend add web-4-tcp 10.0.0.13 --weight 1 --max-flows 7 --update
is "$(note_of web-4-tcp 10.0.0.13:80)" "limit 7 flows" "a flow limit has a note"
must lbctl backend ready web-4-tcp 10.0.0.11
must lbctl backend weight web-4-tcp 10.0.0.12 100%
is "$(note_of web-4-tcp 10.0.0.11:80)$(note_of web-4-tcp 10.0.0.12:80)" "" "without an override there is no note"

must lbctl service add other "$VIP4:81/tcp" --scheduler rr --persist source=10m --check tcp,fall=1
must lbctl backend add other 10.0.0.11
must lbctl backend add other 10.0.0.12
lbctl check other >/dev/null || true
like "$(note_of other)" "^all backends are down: health is ignored, persist source=10m, check tcp,interval=2s,.*fall=1" \
	"a service has a note of its settings, and that it fails open"
like "$(note_of other 10.0.0.11:81)" "^last probe failed: connect: Connection refused \(1 in a row\)" "a failed probe has a note"
like "$(lbctl status)" "no controller: .*lbctl run" "checks without a controller have a note"
must lbctl service set other --check none
not_ok "without checks a controller is not missed" grep -q "no controller" <(lbctl status)
is "$(note_of other 10.0.0.11:81)" "" "without a check, earlier probes have no note"

# --- colours -------------------------------------------------------------------

must lbctl backend drain web-4-tcp 10.0.0.11
is "$(lbctl status | grep -c $'\e')" 0 "a pipe gets no colours"
terminal_up
terminal 140 40 -- status
ends 0 "status on a terminal"
ok "a terminal gets colours" grep -q $'\e\[33m.*10.0.0.11:80' <(colored_screen)
terminal 140 40 NO_COLOR=1 -- status
ends 0 "status with NO_COLOR"
is "$(colored_screen | grep -c $'\e\[3[0-7]m')" 0 "NO_COLOR disables colours"
shows "^web-4-tcp 10.0.0.11:80 drain by command" "the text is the same without colours"

terminal 80 40 -- status
ends 0 "status in 80 columns"
shows "^SERVICE / BACKEND .* EFFECTIVE FLOWS( PACKETS)?$" "80 columns show the first columns, in one line"
shows "^web-4-tcp 10.0.0.11:80 drain by command" "80 columns show all notes"
like "$(lbctl status)" "REPLIES REPLY BYTES" "a pipe gets all columns"

# --- counters -------------------------------------------------------------------

must lbctl service set other --spill web-4-tcp --force
like "$(lbctl stats)" "spilled to web-4-tcp +0 " "stats shows the flows of a spillover"
like "$(lbctl stats -i 0.1 -c 1)" "spilled to web-4-tcp +0 " "stats -i shows the rate of a spillover"
finish
