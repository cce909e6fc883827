#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Fuzzes a native build of the datapath under sanitizers: no memory access is out of bounds, and
# the oracle (tests/lib/oracle/oracle.h) allows what happens to each packet.
#
# `make fuzz-native` runs the same without a limit of inputs. Without address-space randomization
# the same seed gives the same inputs.
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
ok "$RUNS inputs cause no invalid access or result" "${fixed[@]}" "$built/fuzzer" -seed=1 -runs=$RUNS -max_len=2048 \
	-artifact_prefix="$WORK/" -seed_inputs=@"$WORK/list"
cp "$WORK/ok.out" "$WORK/log"
like "$(<"$WORK/log")" "Done $RUNS runs" "the fuzzer runs all of them"

# No backend leaves service during the run, so no connection is reset.
missed=$(awk '$1 == "outcome" && $2 !~ /^(aborted|reset)$/ && !$3 { print $2 }' "$WORK/log")
is "$missed" "" "packets have every outcome except aborted and reset"
is "$(grep "^outcome aborted" "$WORK/log")" "outcome aborted 0" "no packet is aborted"
finish
