#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The program, built for this machine under sanitizers, reads and writes nothing that
# is not its own, and treats each packet as the judge allows (tests/lib/oracle/oracle.h).
#
# `make fuzz-native` goes on for as long as one likes. Without a changing layout of
# addresses the same seed gives the same inputs.
set -uo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
# shellcheck source=tests/lib/shell/tap.bash
source "$(dirname "$0")/../lib/shell/tap.bash"

RUNS=100000
built=$(dirname "$0")/../../build/fuzz
fixed=(setarch --addr-no-randomize)
"${fixed[@]}" true 2>/dev/null || fixed=()

"$built/seeds" "$WORK/seeds" 400
printf '%s\n' "$WORK"/seeds/* | paste -sd, >"$WORK/list"
ok "$RUNS inputs break nothing" "${fixed[@]}" "$built/fuzzer" -seed=1 -runs=$RUNS -max_len=2048 \
	-artifact_prefix="$WORK/" -seed_inputs=@"$WORK/list"
cp "$WORK/ok.out" "$WORK/log"
like "$(<"$WORK/log")" "Done $RUNS runs" "all of them were run"

# Nobody goes out of service while packets pass, so no connection is reset.
missed=$(awk '$1 == "outcome" && $2 !~ /^(aborted|reset)$/ && !$3 { print $2 }' "$WORK/log")
is "$missed" "" "they met every outcome but aborted and reset"
is "$(grep "^outcome aborted" "$WORK/log")" "outcome aborted 0" "and that one never"
finish
