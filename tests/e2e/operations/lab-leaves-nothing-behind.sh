#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tools/lab removes everything that it has created, repeatedly, and does not affect another lab.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

have_ended() { # PID...
	local pid
	for pid in "$@"; do
		[[ ! -e /proc/$pid || $(ps -o stat= -p "$pid") == Z* ]] || return 1
	done
}

must "$LAB" help
other=$NAME-other
labs+=("$other")
must "$LAB" up --name "$other" --backends 1
for round in 1 2; do
	lab_up --backends 2
	ok "lab $round: the backends answer" client_curl -f "$(url 10.0.0.12)" "$(url 2001:db8:3::11)"
	is "$(client_curl "$(url 10.0.0.11 80 /healthz)")" ok "lab $round: the backends are healthy"
	not_ok "lab $round: a second lab of this name is refused" "$LAB" up --name "$NAME"
	ok "lab $round: the refused lab does not affect it" client_curl -f "$(url 10.0.0.12)"
	mapfile -t ids < <(ip netns pids "lb-$NAME-b1")
	ok "lab $round: nginx runs" test "${#ids[@]}" -gt 0
	ok "lab $round: down" "$LAB" down --name "$NAME"
	is "$(find /run/netns /run -maxdepth 1 -name "lb-$NAME-[cb]*" -o -maxdepth 1 -name "lbctl-lab-$NAME")" "" \
		"lab $round: no namespace and no file is left"
	ok "lab $round: no process is left" await 10 have_ended "${ids[@]}" # they leave the namespace before they end
	ok "lab $round: down, repeated" "$LAB" down --name "$NAME"
done
is "$("$LAB" exec --name "$other" client curl -sS --max-time "$LIMIT_S" http://10.0.0.11/)" b1 "the other lab still works"
"$LAB" lbctl --name "$other" attach front back >"$WORK/out" 2>&1 || note "$(<"$WORK/out")"
ok "lbctl in the other lab has pins" test -e "/sys/fs/bpf/lbctl/$other"
must "$LAB" down --name "$other"
not_ok "down removes the pins" test -e "/sys/fs/bpf/lbctl/$other"
not_ok "an unknown command is refused" "$LAB" sideways
not_ok "an invalid number is refused" "$LAB" up --name "$NAME" --backends many
is "$("$LAB" list | grep -c "^$NAME" || true)" 0 "a refused command creates no lab"
finish
