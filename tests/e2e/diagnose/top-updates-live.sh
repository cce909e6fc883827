#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `lbctl top` shows current rates on terminals of any size, handles keys and resizing, and restores
# the terminal however it ends.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/terminal.bash
source "$ROOT/tests/lib/shell/terminal.bash"

balancer_up
service 4 tcp 80 "5 3 1" --feedback observe
must lbctl service add empty "$VIP4:53/udp"
load "$VIP4" 80 --keep 6 --new 3
load_wait 20
terminal_up

# --- 80 columns, 24 lines ----------------------------------------------------

terminal 80 24 LC_ALL=C.UTF-8 -- top -i 0.3 --color always
shows "^lbctl top  instance $NAME, generation [0-9]+, every 0.3 s, by name" "the title has instance, generation and interval"
shows "^no controller, attached to back \(native\), front \(native\)" "the second line has controller and interfaces"
shows "^- web-4-tcp 1.* 3/3 .* [1-9][0-9.]*[kM]? +[1-9][0-9.]*[kM]? +[1-9][0-9.]*[kM]? +[0-9.]+[um]s +[0-9.]+m?[um]s.*[▁▂▃▄▅▆▇█]{4}" \
	"a service has its rates, response times and history"
shows "^  10.0.0.11:80   ready - +5 " "a backend has its state and weight"
shows "^OUTCOMES" "outcomes have a heading"
shows "^ forwarded +[1-9][0-9]* " "outcomes are shown as rates"
shows "^q quit" "the last line has the keys"
is "$(screen | sed -n '1s/ .*//p;24s/ .*//p' | tr '\n' ' ')" "lbctl q " "top fills the terminal from the first to the last line"

press b
shows "by bits" "b sorts by bits"
first_is_web() {
	[[ $(screen | grep -m 1 '^- ') == "- web-4-tcp"* ]]
}
ok "the service with traffic is first" await 20 first_is_web
press r
shows "by bits, reversed" "r reverses the order"
press r n Down Down Enter
shows "^[+] web-4-tcp" "enter folds the selected service"
not_ok "its backends are hidden" on_screen "10.0.0.11:80"
press Enter
shows "^  10.0.0.11:80" "enter unfolds it"
press o
shows "one service" "o shows only one service"
not_ok "the others are hidden" on_screen "^- empty"
press Escape
shows "^- empty" "escape shows all again"
press '?'
shows "any key closes this help" "? shows help"
press x
shows "^- web-4-tcp" "any key leaves the help"
press z
shows "^top: unknown key 'z'" "an unknown key is reported"
press Space
shows PAUSED "space pauses"
start on client bash -c "while echo lost >/dev/udp/$VIP4/53; do sleep 0.05; done"
must lbctl backend drain web-4-tcp 10.0.0.12
not_ok "a paused screen does not change" on_screen "drain -"
press Space
shows "^  10.0.0.12:80   drain - +3→0 " "after the pause, a draining backend has an effective weight of 0"
shows "^!no_backend" "an outcome that loses packets is marked"
stop "$STARTED"
ok "--color always: the draining backend is coloured" grep -q $'\e\[33m.*10.0.0.12:80' <(colored_screen)
must lbctl backend ready web-4-tcp 10.0.0.12

exec {lock}<"$PINS"
flock "$lock"
shows "^top: waiting: another lbctl holds the lock" "top waits while another lbctl holds the lock"
press p
shows "by packets" "keys work while top waits"
exec {lock}<&-
shows "^q quit" "top continues when the lock is free"

# --- other sizes -------------------------------------------------------------

resize 46 11
shows "^- web-4-tcp .* 3/3 +[1-9][0-9.]*[kM]? +[1-9][0-9.]*[kM]? +[0-9.]+m?[um]s$" "a smaller terminal has fewer columns"
is "$(screen | sed -n '1s/ .*//p;11s/ .*//p' | tr '\n' ' ')" "lbctl q " "top fills the smaller terminal as well"
resize 5 3
shows "^- web$" "a tiny terminal has only names"
resize 120 30
shows "^- web-4-tcp 192.0.2.10:80/tcp +3/3" "a large terminal has complete names"
shows "MEAN +P50 +P99 +LATENCY" "a large terminal has means"
press q
ends 0 "q ends top"

# --- ends ----------------------------------------------------------------------

for signal in TERM INT HUP; do
	terminal 80 24 NO_COLOR=1 LC_ALL=C -- top --sort packets
	shows "by packets" "--sort sets the order"
	kill -s "$signal" "$(<"$WORK/terminal.pid")"
	ends 0 "SIG$signal ends top"
done

terminal 80 24 NO_COLOR=1 LC_ALL=C -- top
shows "^- web-4-tcp" "top runs until it crashes"
kill -s SEGV "$(<"$WORK/terminal.pid")"
ends 139 "a crash ends top"

terminal 80 24 NO_COLOR=1 LC_ALL=C -- top -c 2 -i 0.1
ends 0 "-c 2 ends top after 2 frames"

terminal 80 24 NO_COLOR=1 LC_ALL=C -- top -i 0.3
shows "web-4-tcp .* [@#*+=:.-]{4}" "without UTF-8 the history is ASCII"
must lbctl backend drain web-4-tcp 10.0.0.12
shows "drain - +3>0 " "without UTF-8 the weights are ASCII"
is "$(screen | LC_ALL=C grep -c $'[\x80-\xff]')" 0 "without UTF-8 every byte is ASCII"
is "$(colored_screen | grep -c $'\e\[3[0-7]m')" 0 "with NO_COLOR there are no colours"
load_end # before its connections end with the instance
must lbctl detach --force
ends 8 "top ends when the instance is detached"
like "$(screen | tr -d '\n')" "lbctl: top: .*instance '$NAME' is not attached.*hint: " "top reports that the instance is not attached"

terminal 80 24 TERM=unheard-of -- top
ends 2 "an unknown terminal type is refused"
like "$(screen)" "hint: lbctl --instance $NAME top --once" "the hint has --once"
finish
