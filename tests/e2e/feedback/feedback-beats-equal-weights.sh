#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Where backends are of speeds 1, 2 and 5, requests take a third less time on average with
# feedback than with equal weights, at a load that equal weights can take; and the benchmark
# that says so leaves a table and a plot.
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
ok "on average, equal weights take $(mean_of wrr) ms, feedback $(mean_of wrr+f) ms: a third less" \
	awk -v equal="$(mean_of wrr)" -v fed="$(mean_of wrr+f)" 'BEGIN { exit !(fed > 0 && fed < equal * 2 / 3) }'
is "$(grep -c '<circle' "$WORK/plot.svg")" 6 "and the plot has a median and a 99th percentile of each"
finish
