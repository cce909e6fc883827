#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A change applied with --confirm-within goes away by itself, with all that came by it,
# unless somebody confirms it; so a change may even cut the connection that it came by.
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
is_as_before() {
	[[ $(configuration) == "$before" ]]
}
waits() { # for a confirmation
	pgrep -f -- "--instance $NAME apply .*--confirm-within" >"$WORK/waiting"
}

must lbctl apply -f "$WORK/one.yaml"
must lbctl backend drain web 10.0.0.11
before=$(configuration)
prints 0 changed "applied for a while" lbctl apply -f "$WORK/two.yaml" --prune --confirm-within 3s
is "$(value '[(.attached | length), (.services | length)] | @csv' status)" "2,2" "it is in force"
refused 5 "a previous apply is waiting" "no other change meanwhile" lbctl apply -f "$WORK/one.yaml"
ok "and goes away, interfaces included" await 20 is_as_before
refused 4 "no apply is waiting" "then there is nothing to confirm" lbctl confirm

prints 0 changed "applied for a while again" lbctl apply -f "$WORK/two.yaml" --prune --confirm-within 4s
after=$(configuration)
prints 0 changed "and confirmed" lbctl confirm
ended() {
	! waits
}
ok "nobody waits any more" await 10 ended
is "$(configuration)" "$after" "it stays"

must lbctl detach --force
prints 0 changed "where nothing was attached" lbctl apply -f "$WORK/one.yaml" --confirm-within 1s
gone() {
	[[ ! -e $PINS ]]
}
ok "nothing stays" await 20 gone
ok "and nobody waits" await 10 ended
finish
