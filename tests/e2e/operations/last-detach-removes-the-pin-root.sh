#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The directory of all instances' pins is there while there is one, whoever comes while the last
# one goes. In a BPF file system of our own, as others' instances would keep that of the host.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

ROUNDS=40

lab_up --backends 2

# in_private_bpffs: runs a function of this file where no other test pins anything.
in_private_bpffs() { # FUNCTION
	on balancer unshare --mount bash -c "mount -t bpf bpf /sys/fs/bpf && $(declare -f "$1" instance pin_root) && $1"
}

export NAME LBCTL ROUNDS
instance() { # SUFFIX ARGUMENTS OF lbctl...
	"$LBCTL" --quiet --instance "$NAME$1" --lock-timeout 60s "${@:2}"
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
is "$(in_private_bpffs detach_in_turn)" "/sys/fs/bpf/lbctl $PINS-b" "it stays for who is left, and goes with the last one"

not_attached() {
	instance -a attach nosuch 2>/dev/null || pin_root
	instance -a attach --mode native lo 2>/dev/null || echo "attached to nothing" && pin_root
}
is "$(in_private_bpffs not_attached | xargs)" "attached to nothing" "who fails to attach leaves none, at the last moment, too"

# Each of them finds it, makes it or takes it away, as it happens.
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
is "$attached_and_detached, $(<"$WORK/out")" "yes, " "two that come and go do not stumble over each other"
finish
