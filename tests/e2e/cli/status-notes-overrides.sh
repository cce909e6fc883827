#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `lbctl status` shows people what JSON tells scripts: what operators have said since
# something was configured, what checks found, settings that are not the usual ones. In
# colours on terminals, unless NO_COLOR is set.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/terminal.bash
source "$ROOT/tests/lib/shell/terminal.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "5 3 1"

# The note of a service, or of a backend; "" = there is none.
note_of() { # SERVICE [BACKEND]
	lbctl status | sed -n '/^OF /,/^$/p' | sed -n "s|^$* \\{1,\\}||p"
}

is "$(lbctl status | grep -c NOTE)" 0 "where nothing is unusual nothing is noted"
must lbctl backend drain web-4-tcp 10.0.0.11
must lbctl backend weight web-4-tcp 10.0.0.12 50%
is "$(note_of web-4-tcp 10.0.0.11:80)" "drain by command (configured: ready)" "a drain that was said since is noted"
is "$(note_of web-4-tcp 10.0.0.12:80)" "weight 1.5 by command (configured: 3)" "so is a weight"
like "$(lbctl status)" "10.0.0.11:80 +drain " "beside the state that holds"
must lbctl backend maint web-4-tcp 10.0.0.11 --reset
is "$(note_of web-4-tcp 10.0.0.11:80)" "maint by command (configured: ready), TCP flows are reset" "and what becomes of connections"
must lbctl backend add web-4-tcp 10.0.0.13 --weight 1 --max-flows 7 --update
is "$(note_of web-4-tcp 10.0.0.13:80)" "limit 7 flows" "and limits"
must lbctl backend ready web-4-tcp 10.0.0.11
must lbctl backend weight web-4-tcp 10.0.0.12 100%
is "$(note_of web-4-tcp 10.0.0.11:80)$(note_of web-4-tcp 10.0.0.12:80)" "" "until it is undone"

must lbctl service add other "$VIP4:81/tcp" --scheduler rr --persist source=10m --check tcp,fall=1
must lbctl backend add other 10.0.0.11
must lbctl backend add other 10.0.0.12
lbctl check other >/dev/null || true
like "$(note_of other)" "^all backends are down: health is ignored, persist source=10m, check tcp,interval=2s,.*fall=1" \
	"a service has its settings but for the usual ones, and that it fails open"
like "$(note_of other 10.0.0.11:81)" "^last probe failed: connect: Connection refused \(1 in a row\)" "why a backend is down is noted"
like "$(lbctl status)" "no controller: .*lbctl run" "so is that nobody makes checks"
must lbctl service set other --check none
not_ok "unless there are none" grep -q "no controller" <(lbctl status)
is "$(note_of other 10.0.0.11:81)" "" "what was found before is nobody's business then"

# --- colours -------------------------------------------------------------------

must lbctl backend drain web-4-tcp 10.0.0.11
is "$(lbctl status | grep -c $'\e')" 0 "a pipe gets no colours"
terminal_up
terminal 140 40 -- status
ends 0 "a terminal"
ok "gets them" grep -q $'\e\[33m.*10.0.0.11:80' <(colored_screen)
terminal 140 40 NO_COLOR=1 -- status
ends 0 "unless NO_COLOR is set"
is "$(colored_screen | grep -c $'\e\[3[0-7]m')" 0 "there are none"
shows "^web-4-tcp 10.0.0.11:80 drain by command" "but the same words"

terminal 80 40 -- status
ends 0 "a terminal of 80 columns"
shows "^SERVICE / BACKEND .* EFFECTIVE FLOWS( PACKETS)?$" "has what matters in one line"
shows "^web-4-tcp 10.0.0.11:80 drain by command" "and all notes"
like "$(lbctl status)" "REPLIES REPLY BYTES" "others have all columns"

# --- counters -------------------------------------------------------------------

must lbctl service set other --spill web-4-tcp --force
like "$(lbctl stats)" "spilled to web-4-tcp +0 " "stats tell what is spilled"
like "$(lbctl stats -i 0.1 -c 1)" "spilled to web-4-tcp +0 " "and how fast"
finish
