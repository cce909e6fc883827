#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whoever changes something holds the instance's lock; others wait, and give up after
# --lock-timeout with exit code 7. Other instances need not wait for what takes long.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 1
must lbctl attach front back
service 4 tcp 80 "1"

mkfifo "$WORK/hold"
start flock -x "$PINS" cat "$WORK/hold"
holder=$STARTED
held() {
	! flock -xn "$PINS" true
}
await 10 held
refused 7 . "a change gives up" lbctl --lock-timeout 100ms backend weight web-4-tcp 10.0.0.11 7
refused 7 . "so does a look" lbctl --lock-timeout 100ms service list
start lbctl backend weight web-4-tcp 10.0.0.11 9
waiting=$STARTED
echo >"$WORK/hold"
status=0
wait "$waiting" || status=$?
forget_process "$waiting"
stop "$holder"
is "$status" 0 "who waits comes to it when the lock is free"
is "$(backend_field web-4-tcp 1 effective_weight)" 9 "and the change is made, the refused one is not"

# The programs are loaded one after the other, packets' at last.
must lbctl detach --force
must on balancer strace -f -qq -o "$WORK/log" -e trace=bpf "$LBCTL" --instance "$NAME" --lock-timeout 60s attach front
number=$(grep -n 'BPF_PROG_LOAD.*prog_name="balancer"' "$WORK/log" | tail -n 1 | cut -d: -f1)
must lbctl --lock-timeout 60s detach
start on balancer strace -f -qq -o "$WORK/log" -e trace=bpf -e "inject=bpf:delay_enter=600000000:when=$number" \
	"$LBCTL" --instance "$NAME" --lock-timeout 60s attach front
loader=$STARTED
loads() {
	grep -q 'BPF_PROG_LOAD.*prog_name="balancer"' "$WORK/log"
}
must await 60 loads
not_ok "an instance is locked while its program is loaded" flock -xn "$PINS" true
ok "another is attached meanwhile" on balancer "$LBCTL" --instance "$NAME-other" --lock-timeout 60s attach back
ok "upgraded" on balancer "$LBCTL" --instance "$NAME-other" upgrade
ok "and detached" on balancer "$LBCTL" --instance "$NAME-other" --lock-timeout 60s detach
mapfile -t loading < <(pgrep -P "$loader")
kill -KILL "$loader" "${loading[@]}"
wait "$loader" || true
forget_process "$loader"
must lbctl --lock-timeout 60s detach
finish
