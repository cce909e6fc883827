#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# apply is killed at random moments. What is there then is the file's configuration or
# that of before, whole; and traffic of what both have goes on.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/sample_configs.bash
source "$ROOT/tests/lib/shell/sample_configs.bash"

lab_up --backends 3
file a wrr 2 one
file b random 9 two
must lbctl apply -f "$WORK/b.yaml" --prune
shape_b=$(configuration)
must lbctl apply -f "$WORK/a.yaml" --prune
shape_a=$(configuration)
usual=$(duration lbctl apply -f "$WORK/b.yaml" --prune)
must lbctl apply -f "$WORK/a.yaml" --prune

load "$VIP4" 80 --keep 3
load_advance 20
torn="" made=0 unmade=0 now=a
for ((round = 0; round < 80; round++)); do
	next=$([[ $now == a ]] && echo b || echo a)
	killed $((usual * 5 / 4)) apply -f "$WORK/$next.yaml" --prune
	case $(configuration) in
	"$shape_a") after=a ;;
	"$shape_b") after=b ;;
	*) torn+="$(configuration); " after=$now ;;
	esac
	if [[ $after == "$next" ]]; then
		made=$((made + 1))
	else
		unmade=$((unmade + 1))
	fi
	now=$after
done
load_end
is "$torn" "" "80 times all or nothing was applied"
note "$unmade were prevented by the kill, $made were not"
ok "some kills came in time" test "$unmade" -gt 0
ok "some came too late" test "$made" -gt 0
no_failures "no request failed meanwhile"
stayed "no connection changed its backend"
says 0 changed "the next one goes well" lbctl apply -f "$([[ $now == a ]] && echo "$WORK/b.yaml" || echo "$WORK/a.yaml")" --prune
finish
