#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# apply is killed at random moments. What is there then is the file's configuration or
# that of before, whole; and traffic of what both have goes on.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/kill.bash
source "$ROOT/tests/lib/shell/kill.bash"
# shellcheck source=tests/lib/shell/sample_configs.bash
source "$ROOT/tests/lib/shell/sample_configs.bash"

lab_up --backends 3
write_config a wrr 2 one
write_config b random 9 two
must lbctl apply -f "$WORK/b.yaml" --prune
shape_b=$(configuration)
must lbctl apply -f "$WORK/a.yaml" --prune
shape_a=$(configuration)
measure_for_kills apply -f "$WORK/b.yaml" --prune
must lbctl apply -f "$WORK/a.yaml" --prune

load "$VIP4" 80 --keep 3
load_wait 20
partial="" done_count=0 undone_count=0 now=a
for ((round = 0; round < 80; round++)); do
	next=$([[ $now == a ]] && echo b || echo a)
	run_and_kill apply -f "$WORK/$next.yaml" --prune
	case $(configuration) in
	"$shape_a") after=a ;;
	"$shape_b") after=b ;;
	*) partial+="$(configuration); " after=$now ;;
	esac
	if [[ $after == "$next" ]]; then
		done_count=$((done_count + 1))
	else
		undone_count=$((undone_count + 1))
	fi
	now=$after
done
load_end
is "$partial" "" "80 times all or nothing was applied"
note "$undone_count were prevented by the kill, $done_count were not"
ok "some kills came in time" test "$undone_count" -gt 0
ok "some came too late" test "$done_count" -gt 0
no_failures "no request failed meanwhile"
connections_stayed "no connection changed its backend"
prints 0 changed "the next one goes well" lbctl apply -f "$([[ $now == a ]] && echo "$WORK/b.yaml" || echo "$WORK/a.yaml")" --prune
finish
