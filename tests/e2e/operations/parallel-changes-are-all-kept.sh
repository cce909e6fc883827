#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Commands that run at the same time change the configuration one after the other, and no change is
# lost. WRITERS (64) processes make CHANGES (4; make soak-changes: 100) changes each.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

writers=${WRITERS:-64} each=${CHANGES:-4}
total=$((writers * each))

balancer_up --backends 2
service 4 tcp 80 "1 1"
generation=$(value .generation status)

# Half of the changes add to a common weight, the other half set a value of the writer's own service.
make_changes() { # NUMBER
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
	make_changes "$i" >"$WORK/worker$i" 2>&1 &
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
note "$((total + writers)) changes in $ms ms, $(((total + writers) * 1000 / ms)) per second"
is "$failed" 0 "$writers processes make $each changes each"
((failed == 0)) || note "$(cat "$WORK"/worker* | sort | uniq -c)"
is "$unreadable" 0 "a command that reads sees a complete configuration"
sums=$((writers * ((each + 1) / 2)))
is "$(backend_field web-4-tcp 1 effective_weight)" "$((sums + 1))" "the weight has all additions"
is "$(backend_field web-4-tcp 2 effective_weight)" 1 "the other weight is unchanged"
last=$((each / 2 * 2 - 1))
is "$(lbctl -j service list | jq -c "[.[] | select(.name | startswith(\"own-\")) | .timeouts_ms.new] | [length] + unique")" \
	"[$writers,$(((last + 20) * 1000))]" "each service has the last value of its writer"
is "$(value .generation status)" "$((generation + total + writers))" "the generation counts each change"
weights=$((sums + 1))
is "$(fetch $((weights + 1)) "$(url "$VIP4")")" "b1=$weights b2=1" "traffic follows the weights"
checksums_are_right
finish
