#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# apply is killed at random times. The configuration is then completely the previous one or
# completely that of the file, and traffic of services in both is not interrupted.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/kill.bash
source "$ROOT/tests/lib/shell/kill.bash"
# shellcheck source=tests/lib/shell/sample_configs.bash
source "$ROOT/tests/lib/shell/sample_configs.bash"

ROUNDS=80
ROUNDS_MAX=400 # if no kill has come early or late enough

lab_up --backends 3
write_config a wrr 2 one
write_config b random 9 two
must lbctl apply -f "$WORK/b.yaml" --prune
configuration_b=$(configuration)
must lbctl apply -f "$WORK/a.yaml" --prune
configuration_a=$(configuration)
measure_for_kills apply -f "$WORK/b.yaml" --prune
must lbctl apply -f "$WORK/a.yaml" --prune

load "$VIP4" 80 --keep 3
load_wait 20
partial="" done_count=0 undone_count=0 now=a
for ((round = 0; round < ROUNDS || (done_count == 0 || undone_count == 0) && round < ROUNDS_MAX; round++)); do
	next=$([[ $now == a ]] && echo b || echo a)
	run_and_kill apply -f "$WORK/$next.yaml" --prune
	case $(configuration) in
	"$configuration_a") after=a ;;
	"$configuration_b") after=b ;;
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
is "$partial" "" "a killed apply changes all or nothing ($round times)"
note "no change $undone_count times, a complete change $done_count times"
ok "some kills prevent the change" test "$undone_count" -gt 0
ok "some kills come after the change" test "$done_count" -gt 0
no_failures "no request failed"
connections_stayed "no connection moved to another backend"
prints 0 changed "the next apply succeeds" lbctl apply -f "$([[ $now == a ]] && echo "$WORK/b.yaml" || echo "$WORK/a.yaml")" --prune
finish
