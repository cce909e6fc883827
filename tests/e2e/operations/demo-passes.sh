#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tools/demo passes its own checks, and leaves no lab and no pin.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

ok "the demo passes" env DEMO_NAME="$NAME" "$ROOT/tools/demo"
cp "$WORK/ok.out" "$WORK/demo"
ok "it shows the shares of the backends" grep -q '500' "$WORK/demo"
ok "it shows that no request failed" grep -qi '0 failed' "$WORK/demo"
is "$(find /run/netns /run -maxdepth 1 -name "lb-$NAME-*" -o -maxdepth 1 -name "lbctl-lab-$NAME")" "" "no lab is left"
not_ok "no pin is left" test -e "$PINS"
finish
