#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Many lbctl at a time: one writer after the other, and no change is lost.
#
# WRITERS (64) at a time make CHANGES (4) each; `make soak-changes` has them make 100.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

writers=${WRITERS:-64} each=${CHANGES:-4}
total=$((writers * each))

lab_up --backends 2
must lbctl --lock-timeout 60s attach front back
service 4 tcp 80 "1 1"
generation=$(value .generation status)

# Half of them by what adds up, half by what each alone has said.
write() { # NUMBER
	local i
	lbctl --lock-timeout 600s service add "own-$1" "192.0.2.10:$((1000 + $1))/tcp" || return 1
	for ((i = 0; i < each; i++)); do
		if ((i % 2)); then
			lbctl --lock-timeout 600s service set "own-$1" --timeout-new "$((i + 20))s" || return 1
		else
			lbctl --lock-timeout 600s backend weight web-4-tcp 10.0.0.11 +1 || return 1
		fi
	done
}

started=${EPOCHREALTIME/[.,]/}
workers=()
for ((i = 0; i < writers; i++)); do
	write "$i" >"$WORK/worker$i" 2>&1 &
	workers+=("$!")
done
unreadable=0
for ((i = 0; i < 20; i++)); do
	lbctl --lock-timeout 600s -j status | jq -e '.services[] | select(.name == "web-4-tcp") | .backends | length == 2' >/dev/null ||
		unreadable=$((unreadable + 1))
done
failed=0
for id in "${workers[@]}"; do
	wait "$id" || failed=$((failed + 1))
done
ms=$(((${EPOCHREALTIME/[.,]/} - started) / 1000))
note "$((total + writers)) changes in $ms ms, $(((total + writers) * 1000 / ms)) a second"
is "$failed" 0 "$writers at a time make $each changes each"
((failed == 0)) || note "$(cat "$WORK"/worker* | sort | uniq -c)"
is "$unreadable" 0 "readers meanwhile see a whole configuration"
sums=$((writers * ((each + 1) / 2)))
is "$(backend_field web-4-tcp 1 effective_weight)" "$((sums + 1))" "all that add up are there"
is "$(backend_field web-4-tcp 2 effective_weight)" 1 "and nobody else's weight changed"
last=$((each / 2 * 2 - 1))
is "$(lbctl -j service list | jq -c "[.[] | select(.name | startswith(\"own-\")) | .timeouts_ms.new] | [length] + unique")" \
	"[$writers,$(((last + 20) * 1000))]" "as is the last word of each"
is "$(value .generation status)" "$((generation + total + writers))" "each was counted"
weights=$((sums + 1))
is "$(fetch $((weights + 1)) "$(url "$VIP4")")" "b1=$weights b2=1" "the datapath knows"
checksums_are_right
finish
