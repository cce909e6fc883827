#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A change applied with --confirm-within is rolled back completely, unless it is confirmed in time.
# So a change that cuts the operator's own connection is undone.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
cat >"$WORK/one.yaml" <<'END'
version: 1
interfaces: [{name: front}]
services:
  - name: web
    vip: 192.0.2.10:80/tcp
    backends: [{address: 10.0.0.11, weight: 5}]
END
cat >"$WORK/two.yaml" <<'END'
version: 1
interfaces: [{name: front}, {name: back}]
services:
  - {name: web, vip: "192.0.2.10:80/tcp", scheduler: maglev, backends: [{address: 10.0.0.12}]}
  - {name: new, vip: "192.0.2.11:80/tcp"}
END
no_apply_waits() { # no process waits to roll back
	! pgrep -f -- "--instance $NAME .*apply .*--confirm-within" >"$WORK/waiting"
}
is_detached() {
	[[ ! -e $PINS ]]
}

must lbctl apply -f "$WORK/one.yaml"
must lbctl backend drain web 10.0.0.11
before=$(configuration)
generation=$(value .generation status)
prints 0 changed "apply --confirm-within 1s" lbctl apply -f "$WORK/two.yaml" --prune --confirm-within 1s
ok "the process that waits has ended" await 20 no_apply_waits
is "$(configuration)" "$before" "the change is rolled back, interfaces included"
ok "the change had been made" test "$(value .generation status)" -gt $((generation + 1))
refused 4 "no apply is waiting" "confirm after the rollback is refused" lbctl confirm

prints 0 changed "apply --confirm-within 1h" lbctl apply -f "$WORK/two.yaml" --prune --confirm-within 1h
is "$(value '[(.attached | length), (.services | length)] | @csv' status)" "2,2" "the change is active before it is confirmed"
refused 5 "a previous apply is waiting" "another change is refused before the confirmation" lbctl apply -f "$WORK/one.yaml"
after=$(configuration)
prints 0 changed "confirm" lbctl confirm
ok "the process that waits ends after confirm" await 20 no_apply_waits
is "$(configuration)" "$after" "a confirmed change is not rolled back"

must lbctl detach --force
prints 0 changed "apply --confirm-within without an instance" lbctl apply -f "$WORK/one.yaml" --confirm-within 1s
ok "the instance is detached after the time limit" await 20 is_detached
ok "no process waits any more" await 20 no_apply_waits
finish
