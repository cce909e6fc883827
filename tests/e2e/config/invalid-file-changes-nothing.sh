#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An error in a file is reported with line and column, and nothing of the file is applied: no
# service is changed, no interface attached.
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

# wrong EXPRESSION CODE REGEX TEXT: the file, changed by this expression of sed, is refused with
# this exit code and message.
wrong() {
	local status=0
	sed -E "$1" "$WORK/right.yaml" >"$WORK/wrong.yaml"
	lbctl apply -f "$WORK/wrong.yaml" >"$WORK/out" 2>"$WORK/err" || status=$?
	like "$status $(<"$WORK/err")" "^$2 $3" "$4"
}
place=".*/wrong.yaml"
wrong 's/weight: 3/wieght: 3/' 3 \
	"$place:9:30: error: unknown key 'wieght'; did you mean 'weight'\\?"$'\n'' +- \{address: 10.0.0.12, wieght: 3\}'$'\n'' +\^$' \
	"a misspelt key, with a suggestion and a caret"
wrong 's/weight: 3/weight: 3.5/' 3 "$place:9:38: error: expected a whole number from 0 to 65535" "an invalid value"
wrong 's/10.0.0.12/10.0.0.11/' 3 "$place:9:9: error: duplicate backend of the service" "a duplicate backend"
wrong 's/\}$/}}/' 3 "$place:[0-9]+:[0-9]+: error: " "invalid YAML"
not_ok "an invalid file attaches nothing" test -e "$PINS"

wrong 's/name: back/name: nosuch/' 4 "lbctl: apply: unknown interface 'nosuch'" "an unknown interface"
not_ok "with an unknown interface, the other is not attached" test -e "$PINS"
must lbctl apply -f "$WORK/right.yaml"
before=$(configuration)
cat >>"$WORK/right.yaml" <<'END'
  - {name: b, vip: "192.0.2.11:80/tcp"}
  - {name: c, vip: "192.0.2.12:80/tcp"}
END
wrong 's/weight: 3/weight: 7/' 5 "$place:11:5: error: service limit reached \\(--max-services 2\\)" \
	"a service above the limit"
wrong '/name: [bc],/d; s/name: web/name: www/' 5 "$place:5:5: error: VIP is in use by service 'web'" "a VIP of another service"
wrong '/name: [bc],/d; s/max-services: 2/max-services: 3/' 5 "lbctl: apply: max-services cannot change to 3: instance .* was attached with 2" \
	"limits other than the instance's"
refused 2 "missing --file" "apply without a file" lbctl apply
refused 3 "No such file" "a missing file" lbctl apply -f "$WORK/nosuch"
is "$(lbctl -j apply -f "$WORK/wrong.yaml" 2>&1 | jq .error.code)" 5 "-j prints an error as JSON"
is "$(configuration)" "$before" "no invalid file changes the configuration"
finish
