#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The transcripts in README.md and docs/ are what their commands print. RECORD=1 writes them from the output
# (make record-transcripts).
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

labs+=("$NAME")
cd "$ROOT"
for page in README.md docs/{quickstart,health,flow-table,troubleshooting}.md; do
	"$ROOT/tests/lib/shell/transcript.py" "$page" "$NAME" ${RECORD:+--record} >"$WORK/page" 2>&1 || true
	note "$(<"$WORK/page")"
	is "$(grep -c '^not ok' "$WORK/page") $(grep -c '^1\.\.' "$WORK/page")" "0 1" "$page shows what its commands print"
	"$LAB" down --name "$NAME" >/dev/null 2>&1 || true # a page that failed leaves its lab
done
finish
