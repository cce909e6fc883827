#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The commands of docs/quickstart.md print what the page shows. RECORD=1 writes the page's
# transcripts from what they print (make record-quickstart).
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

labs+=("$NAME")
cd "$ROOT"
"$ROOT/tests/lib/shell/transcript.py" docs/quickstart.md "$NAME" ${RECORD:+--record}
