#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The commands in README.md and docs/ print the output that the documents show. RECORD=1 (make
# record-transcripts) writes the output to the documents.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

labs+=("$NAME")
cd "$ROOT"
for page in README.md docs/{quickstart,health,flow-table,troubleshooting}.md; do
	"$ROOT/tests/lib/shell/transcript.py" "$page" "$NAME" ${RECORD:+--record} >"$WORK/page" 2>&1 || true
	note "$(<"$WORK/page")"
	is "$(grep -c '^not ok' "$WORK/page") $(grep -c '^1\.\.' "$WORK/page")" "0 1" "commands in $page print what it shows"
	"$LAB" down --name "$NAME" >/dev/null 2>&1 || true # a failed page leaves its lab
done
finish
