#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# detach removes all pins, links, programs and maps.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2

# Prints the kernel objects behind the pins: "map 12", "link 3", "prog 7".
objects() {
	local path kind id
	find "$PINS" -type f | while read -r path; do
		for kind in map link prog; do
			id=$(bpftool -j "$kind" show pinned "$path" 2>/dev/null | jq -r '.id // empty') || continue
			[[ -n $id ]] || continue
			echo "$kind $id"
			if [[ $kind == link ]]; then
				id=$(bpftool -j link show pinned "$path" | jq -r .prog_id)
				echo "prog $id"
				bpftool -j prog show id "$id" | jq -r '.map_ids[] | "map \(.)"'
			fi
			break
		done
	done | sort -u
}

remaining() { # FILE OF OBJECTS: those that still exist
	local kind id
	while read -r kind id; do
		if bpftool "$kind" show id "$id" >/dev/null 2>&1; then
			echo "$kind $id"
		fi
	done <"$1"
}

has_no_program() { # no XDP program on the balancer's interfaces
	[[ $(on balancer ip -d link show) != *xdp* ]]
}

for round in 1 2; do
	must lbctl attach front back
	service 4 tcp 80 "1 1"
	must lbctl service add least 192.0.2.11:80/tcp --scheduler lc
	is "$(fetch 20 "$(url "$VIP4")")" "b1=10 b2=10" "attach $round: the balancer works"
	objects >"$WORK/objects"
	ok "attach $round: kernel objects exist: $(cut -d' ' -f1 "$WORK/objects" | tally)" grep -q link "$WORK/objects"
	not_ok "attach $round: the interfaces have a program" has_no_program
	prints 0 changed "detach $round" lbctl detach --force
	not_ok "detach $round: no pin is left" test -e "$PINS"
	ok "detach $round: no interface has a program" has_no_program
	becomes "" "detach $round: no kernel object is left" remaining "$WORK/objects"
	refused 8 attach "detach $round, repeated, is refused" lbctl detach
done
ok "the kernel still routes traffic" client_curl "$(url 10.0.0.11)"
checksums_are_right
finish
