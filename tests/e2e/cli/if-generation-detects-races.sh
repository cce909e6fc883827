#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With --if-generation a command changes nothing if the configuration has changed since this
# generation.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
service 4 tcp 80 "1 1"
seen=$(value .generation status)
prints 0 changed "the current generation is accepted" lbctl --if-generation "$seen" backend weight web-4-tcp 10.0.0.11 5
before=$(configuration)
refused 5 "generation is $((seen + 1)), expected $seen" "the previous generation is refused" \
	lbctl --if-generation "$seen" backend weight web-4-tcp 10.0.0.11 9
lbctl save >"$WORK/lb.yaml"
refused 5 "generation is" "apply refuses the previous generation" lbctl apply -f "$WORK/lb.yaml" --if-generation "$seen"
refused 3 "expected a whole number" "a generation that is not a number is refused" \
	lbctl --if-generation x backend weight web-4-tcp 10.0.0.11 9
is "$(configuration)" "$before" "the refused commands change nothing"
prints 0 unchanged "a command without effect is unchanged" lbctl backend weight web-4-tcp 10.0.0.11 5
is "$(value .generation status)" "$((seen + 1))" "a command without effect keeps the generation"
finish
