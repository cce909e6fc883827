#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A change holds the instance's lock. Another command waits for it, and gives up after
# --lock-timeout with exit code 7. Commands for other instances do not wait while a program is
# loaded, which takes long.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 1
service 4 tcp 80 "1"

mkfifo "$WORK/hold"
start flock -x "$PINS" cat "$WORK/hold"
holder=$STARTED
is_locked() {
	! flock -xn "$PINS" true
}
waits_for_the_lock() { # PID: it has opened the directory that is locked
	[[ -n $(find "/proc/$1/fd" -lname "$PINS") ]]
}
must await 10 is_locked
refused 7 . "a change gives up" lbctl --lock-timeout 100ms backend weight web-4-tcp 10.0.0.11 7
refused 7 . "a command that reads gives up" lbctl --lock-timeout 100ms service list
start lbctl --lock-timeout "${LIMIT_S}s" backend weight web-4-tcp 10.0.0.11 9
waiter=$STARTED
must await 20 waits_for_the_lock "$waiter"
echo >"$WORK/hold"
reap "$waiter"
is "$STATUS" 0 "a waiting command continues when the lock is free"
stop "$holder"
is "$(backend_field web-4-tcp 1 effective_weight)" 9 "only the waiting command changes the weight"

# strace delays the last system call that loads a program: that of the packet program.
attach_traced() { # FLAGS OF strace...: the command in TRACED
	TRACED=(strace -f -qq -o "$WORK/log" -e trace=bpf "$@" "$LBCTL" --instance "$NAME" --lock-timeout "${LIMIT_S}s" attach front)
}
other() { # ARGUMENTS OF lbctl...: for another instance
	on balancer "$LBCTL" --instance "$NAME-other" --lock-timeout "${LIMIT_S}s" "$@"
}
must lbctl detach --force
attach_traced
must on balancer "${TRACED[@]}"
number=$(grep -n 'BPF_PROG_LOAD.*prog_name="balancer"' "$WORK/log" | tail -n 1 | cut -d: -f1)
must lbctl detach
attach_traced -e "inject=bpf:delay_enter=600000000:when=$number"
start on balancer "${TRACED[@]}"
loader=$STARTED
is_loading() {
	grep -q 'BPF_PROG_LOAD.*prog_name="balancer"' "$WORK/log"
}
must await 60 is_loading
not_ok "an instance is locked while its program is loaded" flock -xn "$PINS" true
ok "another instance is attached in the meantime" other attach back
ok "another instance is upgraded in the meantime" other upgrade
ok "another instance is detached in the meantime" other detach
mapfile -t loading < <(pgrep -P "$loader")
kill -KILL "${loading[@]}"
stop_hard "$loader"
must lbctl detach
finish
