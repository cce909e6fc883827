#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whatever is wrong with a file is shown with its place, and nothing of the file is done:
# neither services nor interfaces.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
cat >"$WORK/right.yaml" <<'END'
version: 1
interfaces: [{name: front}, {name: back}]
limits: {max-services: 2, max-backends: 4}
services:
  - name: web
    vip: 192.0.2.10:80/tcp
    backends:
      - {address: 10.0.0.11, weight: 5}
      - {address: 10.0.0.12, weight: 3}
END

# wrong EXPRESSION CODE REGEX TEXT: the file with one change is refused, with words at its place.
wrong() {
	local status=0
	sed -E "$1" "$WORK/right.yaml" >"$WORK/wrong.yaml"
	lbctl apply -f "$WORK/wrong.yaml" >"$WORK/out" 2>"$WORK/err" || status=$?
	like "$status $(<"$WORK/err")" "^$2 $3" "$4"
}
place=".*/wrong.yaml"
wrong 's/weight: 3/wieght: 3/' 3 \
	"$place:9:30: error: unknown key 'wieght'; did you mean 'weight'\\?"$'\n'' +- \{address: 10.0.0.12, wieght: 3\}'$'\n'' +\^$' \
	"a misspelt key, with what may be meant and a caret"
wrong 's/weight: 3/weight: 3.5/' 3 "$place:9:38: error: expected a whole number from 0 to 65535" "a value that no flag would take"
wrong 's/10.0.0.12/10.0.0.11/' 3 "$place:9:9: error: duplicate backend of the service" "a backend twice"
wrong 's/\}$/}}/' 3 "$place:[0-9]+:[0-9]+: error: " "no YAML at all"
not_ok "nothing was attached for any of them" test -e "$PINS"

wrong 's/name: back/name: nosuch/' 4 "lbctl: apply: unknown interface 'nosuch'" "an interface that is not there"
not_ok "and the other is not attached either" test -e "$PINS"
must lbctl apply -f "$WORK/right.yaml"
before=$(configuration)
cat >>"$WORK/right.yaml" <<'END'
  - {name: b, vip: "192.0.2.11:80/tcp"}
  - {name: c, vip: "192.0.2.12:80/tcp"}
END
wrong 's/weight: 3/weight: 7/' 5 "$place:11:5: error: service limit reached \\(--max-services 2\\)" \
	"what has no room, where it is said"
wrong '/name: [bc],/d; s/name: web/name: www/' 5 "$place:5:5: error: VIP is in use by service 'web'" "a VIP that another service has"
wrong '/name: [bc],/d; s/max-services: 2/max-services: 3/' 5 "lbctl: apply: max-services cannot change to 3: instance .* was attached with 2" \
	"limits that the instance does not have"
refused 2 "missing --file" "no file" lbctl apply
refused 3 "No such file" "a file that is not there" lbctl apply -f "$WORK/nosuch"
is "$(lbctl -j apply -f "$WORK/wrong.yaml" 2>&1 | jq .error.code)" 5 "errors come as JSON too"
is "$(configuration)" "$before" "nothing of all this has changed anything"
finish
