#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With backends of service times 5, 10 and 25 ms, feedback makes the mean response time at least a
# third shorter than equal weights do, at a load that equal weights can serve. The benchmark that
# measures it writes a table and a plot.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

bench() { # FLAGS...
	env LBCTL_TEST_NAME="$NAME" "$ROOT/tools/bench/bench-feedback" --quick "$@" --svg "$WORK/plot.svg" \
		>"$WORK/table" 2>"$WORK/progress"
}

mean_of() { # POLICY
	awk -v policy="$1" '$1 == policy { print $2 }' "$WORK/table"
}

ok "the benchmark runs" bench --only unequal-0.3 || note "$(tail -n 5 "$WORK/progress")"
note "$(<"$WORK/table")"
ok "the mean with feedback, $(mean_of wrr+f) ms, is a third below that of equal weights, $(mean_of wrr) ms" \
	awk -v equal="$(mean_of wrr)" -v fed="$(mean_of wrr+f)" 'BEGIN { exit !(fed > 0 && fed < equal * 2 / 3) }'
is "$(grep -c '<circle' "$WORK/plot.svg")" 6 "the plot has a median and a 99th percentile of each"
finish
