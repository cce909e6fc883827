#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The pin root (/sys/fs/bpf/lbctl) exists while an instance exists. The last detach removes it, also
# while another instance attaches. The test uses its own BPF file system, because instances of other
# tests would keep the host's pin root.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

ROUNDS=40

lab_up --backends 2

# Runs a function of this file with a BPF file system of its own.
in_private_bpffs() { # FUNCTION
	on balancer unshare --mount bash -c "mount -t bpf bpf /sys/fs/bpf && $(declare -f "$1" instance pin_root) && $1"
}

export NAME LBCTL LIMIT_S ROUNDS
instance() { # SUFFIX ARGUMENTS OF lbctl...
	"$LBCTL" --quiet --instance "$NAME$1" --lock-timeout "${LIMIT_S}s" "${@:2}"
}

pin_root() {
	find /sys/fs/bpf -maxdepth 2 -path '/sys/fs/bpf/lbctl*' | paste -sd' '
}

detach_in_turn() {
	instance -a attach front --max-flows 4096 && instance -b attach back --max-flows 4096 || return 1
	instance -a detach --force
	pin_root
	instance -b detach --force
	pin_root
}
is "$(in_private_bpffs detach_in_turn)" "/sys/fs/bpf/lbctl $PINS-b" "only the last detach removes the pin root"

not_attached() {
	instance -a attach nosuch 2>/dev/null || pin_root
	instance -a attach --mode native lo 2>/dev/null || echo "attached to nothing" && pin_root
}
is "$(in_private_bpffs not_attached | xargs)" "attached to nothing" "a failed attach leaves no pin root"

# Each of two processes finds, creates or removes the pin root, in any order.
attach_and_detach() {
	local first
	for ((i = 0; i < ROUNDS; i++)); do
		instance -a decap front && instance -a decap --off || return 1
	done &
	first=$!
	for ((i = 0; i < ROUNDS; i++)); do
		instance -b decap back && instance -b decap --off || return 1
	done && wait "$first" && pin_root
}
in_private_bpffs attach_and_detach >"$WORK/out" 2>&1 && attached_and_detached=yes || attached_and_detached=no
is "$attached_and_detached, $(<"$WORK/out")" "yes, " "two instances attach and detach at the same time"
finish
