#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tools/lab: what is built is taken away completely, as often as one likes, beside others.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

must "$LAB" help
have_ended() { # PID...
	local pid
	for pid in "$@"; do
		[[ ! -e /proc/$pid || $(ps -o stat= -p "$pid") == Z* ]] || return 1
	done
}

other=$NAME-other
labs+=("$other")
must "$LAB" up --name "$other" --backends 1
for round in first second; do
	lab_up --backends 2
	ok "$round time: the backends answer" on client curl -sSf --max-time 20 "$(url 10.0.0.12)" "$(url 2001:db8:3::11)"
	is "$(on client curl -sS --max-time 20 "$(url 10.0.0.11 80 /healthz)")" ok "they say that they are well"
	not_ok "a second lab of that name is refused" "$LAB" up --name "$NAME"
	ok "which does not harm the first" on client curl -sSf --max-time 20 "$(url 10.0.0.12)"
	mapfile -t ids < <(ip netns pids "lb-$NAME-b1")
	ok "there is an nginx" test "${#ids[@]}" -gt 0
	ok "down" "$LAB" down --name "$NAME"
	is "$(find /run/netns /run -maxdepth 1 -name "lb-$NAME-[cb]*" -o -maxdepth 1 -name "lbctl-lab-$NAME")" "" "nothing is left of it"
	ok "no process is left of it" await 10 have_ended "${ids[@]}" # they have left the namespace before
	ok "down again is fine" "$LAB" down --name "$NAME"
done
is "$("$LAB" exec --name "$other" client curl -sS --max-time 20 http://10.0.0.11/)" b1 "another lab is untouched"
"$LAB" lbctl --name "$other" attach front back >"$WORK/out" 2>&1 || note "$(<"$WORK/out")"
ok "its lbctl has pins" test -e "/sys/fs/bpf/lbctl/$other"
must "$LAB" down --name "$other"
not_ok "which go with the lab" test -e "/sys/fs/bpf/lbctl/$other"
not_ok "unknown words are refused" "$LAB" sideways
not_ok "bad numbers, too" "$LAB" up --name "$NAME" --backends many
is "$("$LAB" list | grep -c "^$NAME" || true)" 0 "and nothing is built by them"
finish
