#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `lbctl top` shows rates as they are on a terminal of 80x24 and any other, obeys keys, outlives
# resizing, and gives the terminal back however it ends.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/terminal.bash
source "$ROOT/tests/lib/shell/terminal.bash"

lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "5 3 1" --feedback observe
must lbctl service add empty "$VIP4:53/udp"
load "$VIP4" 80 --keep 6 --new 3
load_wait 20
terminal_up

# --- the usual terminal ------------------------------------------------------

terminal 80 24 LC_ALL=C.UTF-8 -- top -i 0.3 --color always
shows "^lbctl top  instance $NAME, generation [0-9]+, every 0.3 s, by name" "the title"
shows "^no controller, attached to back \(native\), front \(native\)" "who, and where"
shows "^- web-4-tcp 1.* 3/3 .* [1-9][0-9.]*[kM]? +[1-9][0-9.]*[kM]? +[1-9][0-9.]*[kM]? +[0-9.]+[um]s +[0-9.]+m?[um]s.*[▁▂▃▄▅▆▇█]{4}" \
	"the service: new flows, packets, bits, times, and a row of them"
shows "^  10.0.0.11:80   ready - +5 " "a backend with its state and weight"
shows "^OUTCOMES" "outcomes"
shows "^ forwarded +[1-9][0-9]* " "as rates"
shows "^q quit" "keys"
is "$(screen | sed -n '1s/ .*//p;24s/ .*//p' | tr '\n' ' ')" "lbctl q " "it fills the terminal from the first line to the last"

press b
shows "by bits" "b orders by bits"
shows "^- web-4-tcp" "the service is there"
is "$(screen | grep -n '^- ' | head -n 1 | grep -c web-4-tcp)" 1 "who has traffic is first"
press r
shows "by bits, reversed" "r reverses"
press r n Down Down Enter
shows "^[+] web-4-tcp" "enter folds the cursor's service"
not_ok "whose backends are gone then" on_screen "10.0.0.11:80"
press Enter
shows "^  10.0.0.11:80" "and unfolds it"
press o
shows "one service" "o keeps to it"
not_ok "the others are gone" on_screen "^- empty"
press Escape
shows "^- empty" "escape brings them back"
press '?'
shows "any key goes back" "? helps"
press x
shows "^- web-4-tcp" "and any key goes back"
press z
shows "^top: no key 'z'" "a key that is none is told"
press Space
shows PAUSED "space pauses"
on client bash -c "echo lost >/dev/udp/$VIP4/53"
must lbctl backend drain web-4-tcp 10.0.0.12
not_ok "a pause is one" on_screen "drain -"
press Space
shows "^  10.0.0.12:80   drain - +3→0 " "then it goes on: a drained backend has lost its weight"
shows "^!no_backend" "what was lost is marked"
ok "in colours, as asked" grep -q $'\e\[33m.*10.0.0.12:80' <(colored_screen)
must lbctl backend ready web-4-tcp 10.0.0.12

exec {lock}<"$PINS"
flock "$lock"
shows "^top: another lbctl holds the lock: waiting" "while another one writes it waits"
press p
shows "by packets" "and obeys keys"
exec {lock}<&-
shows "^q quit" "then it goes on"

# --- others ------------------------------------------------------------------

resize 46 11
shows "^- web-4-tcp .* 3/3 +[1-9][0-9.]*[kM]? +[1-9][0-9.]*[kM]? +[0-9.]+m?[um]s$" "a smaller one has fewer columns"
is "$(screen | sed -n '1s/ .*//p;11s/ .*//p' | tr '\n' ' ')" "lbctl q " "and is filled as well"
resize 5 3
shows "^- web$" "a tiny one has next to nothing"
resize 120 30
shows "^- web-4-tcp 192.0.2.10:80/tcp +3/3" "a large one has whole names"
shows "MEAN +P50 +P99 +LATENCY" "and means"
press q
ends 0 "q ends it"

# --- ends ----------------------------------------------------------------------

for signal in TERM INT HUP; do
	terminal 80 24 NO_COLOR=1 LC_ALL=C -- top --sort packets
	shows "by packets" "--sort says the order"
	kill -s "$signal" "$(<"$WORK/terminal.pid")"
	ends 0 "SIG$signal ends it"
done

terminal 80 24 NO_COLOR=1 LC_ALL=C -- top
shows "^- web-4-tcp" "it runs"
kill -s SEGV "$(<"$WORK/terminal.pid")"
ends 139 "a crash ends it"

terminal 80 24 NO_COLOR=1 LC_ALL=C -- top -c 2 -i 0.1
ends 0 "-c ends it after so many"

terminal 80 24 NO_COLOR=1 LC_ALL=C -- top -i 0.3
shows "web-4-tcp .* [@#*+=:.-]{4}" "in a locale without UTF-8 it is plain ASCII"
must lbctl backend drain web-4-tcp 10.0.0.12
shows "drain - +3>0 " "all of it"
is "$(screen | LC_ALL=C grep -c $'[\x80-\xff]')" 0 "without a byte that is not"
is "$(colored_screen | grep -c $'\e\[3[0-7]m')" 0 "and without colours, as NO_COLOR says"
load_end # its connections would end with the instance
must lbctl detach --force
ends 8 "it ends when the instance is detached"
like "$(screen | tr -d '\n')" "lbctl: top: .*instance '$NAME' is not attached.*hint: " "and says why"

terminal 80 24 TERM=unheard-of -- top
ends 2 "a terminal that is not known is refused"
like "$(screen)" "hint: lbctl --instance $NAME top --once" "with a hint"
finish
