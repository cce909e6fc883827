#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With --if-generation a command changes nothing when somebody else was faster.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1"
seen=$(value .generation status)
prints 0 changed "what was seen is still so" lbctl --if-generation "$seen" backend weight web-4-tcp 10.0.0.11 5
before=$(configuration)
refused 5 "generation is $((seen + 1)), expected $seen" "not any more" lbctl --if-generation "$seen" backend weight web-4-tcp 10.0.0.11 9
lbctl save >"$WORK/lb.yaml"
refused 5 "generation is" "nor for files" lbctl apply -f "$WORK/lb.yaml" --if-generation "$seen"
refused 3 "expected a whole number" "it is a number" lbctl --if-generation x backend weight web-4-tcp 10.0.0.11 9
is "$(configuration)" "$before" "nothing has changed"
prints 0 unchanged "what changes nothing counts none" lbctl backend weight web-4-tcp 10.0.0.11 5
is "$(value .generation status)" "$((seen + 1))" "so the generation stays"
finish
