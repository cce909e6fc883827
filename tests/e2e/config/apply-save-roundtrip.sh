#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# apply creates an instance, its services and backends from a file; the saved configuration, applied
# again, makes no difference. Overrides by commands survive apply, except with --reset-runtime.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
file=$WORK/lb.yaml
cat >"$file" <<'END'
version: 1
interfaces: [{name: front}, {name: back, mode: native}]
limits: {max-flows: 65536}
defaults: {timeout-new: 5s}
services:
  - name: web
    vip: 192.0.2.10:80/tcp
    backends:
      - {address: 10.0.0.11, weight: 5}
      - {address: 10.0.0.12, weight: 3}
      - {address: 10.0.0.13, weight: 1, state: drain}
  - name: web6
    vip: "[2001:db8:2::10]:80/tcp"
    scheduler: maglev
    persist: source=90s
    backends: [{address: "2001:db8:3::11", max-flows: 1000}]
END

prints 0 "" "validate needs no instance" lbctl validate -f "$file"
prints 0 changed "apply --dry-run" lbctl --dry-run apply -f "$file"
not_ok "apply --dry-run attaches nothing" test -e "$PINS"
prints 0 changed "apply" lbctl apply -f "$file"
prints 0 unchanged "apply, repeated" lbctl apply -f "$file"
prints 0 "" "diff shows no difference after apply" lbctl diff -f "$file"
is "$(fetch 80 "$(url "$VIP4")")" "b1=50 b2=30" "traffic follows the weights of the file"
is "$(fetch 3 "$(url "$VIP6")")" "b1=3" "IPv6 traffic is balanced"
is "$(value '.services[1] | [.scheduler, .persist, .timeouts_ms.new] | @csv' status)" '"maglev","source=90s",5000' \
	"settings are those of the file and its defaults"

must lbctl save -o "$WORK/saved.yaml"
must lbctl -j save -o "$WORK/saved.json"
prints 0 "" "the saved file does not differ" lbctl diff -f "$WORK/saved.yaml"
prints 0 "" "the saved JSON does not differ" lbctl diff -f - <"$WORK/saved.json"

must lbctl backend drain web 10.0.0.11
must lbctl backend weight web 10.0.0.12 50%
must lbctl backend ready web 10.0.0.13
is "$(lbctl diff -f "$file")" "" "overrides by commands are no difference"
prints 0 unchanged "apply with overrides" lbctl apply -f "$file"
overrides='[.[] | [.state, .configured_state, .override]]'
is "$(value "$overrides" backend list web | jq -c .)" '[["drain","ready",null],["ready","ready",1.5],["ready","drain",null]]' \
	"apply keeps overrides"
before=$(configuration)
must lbctl save -o "$WORK/later.yaml"
must lbctl detach --force
prints 0 changed "apply of the saved file without an instance" lbctl apply -f "$WORK/later.yaml"
is "$(configuration)" "$before" "the saved file restores all, with the overrides"
prints 0 changed "apply --reset-runtime" lbctl apply -f "$file" --reset-runtime
is "$(value "$overrides" backend list web | jq -c .)" '[["ready","ready",null],["ready","ready",null],["drain","drain",null]]' \
	"--reset-runtime removes overrides"

must lbctl service add other 192.0.2.11:80/tcp
must lbctl backend del web 10.0.0.12 --force
must lbctl service set web6 --scheduler source
must lbctl backend add web 10.0.0.14
must lbctl backend add web 10.0.0.11 --weight 7 --update
lbctl diff -f "$file" >"$WORK/differences" || status=$?
is "${status-0} $(tr '\n' '|' <"$WORK/differences")" \
	"1 ~ service web6: scheduler source -> maglev|- service other 192.0.2.11:80/tcp|~ backend web 10.0.0.11:80: weight 7 -> 5|- backend web 10.0.0.14:80|+ backend web 10.0.0.12:80|" \
	"diff lists each difference, with exit code 1"
is "$(lbctl -j diff -f "$file" | jq -c 'map(.change) | sort')" '["added","removed","removed","set","set"]' "-j diff lists each difference"
prints 0 changed "apply of differences" lbctl apply -f "$file"
is "$(lbctl diff -f "$file" | tr '\n' '|')" "- service other 192.0.2.11:80/tcp|- backend web 10.0.0.14:80|" \
	"apply keeps objects that are not in the file"
must lbctl service del other
prints 0 changed "apply --prune" lbctl apply -f "$file" --prune
prints 0 "" "--prune removes objects that are not in the file" lbctl diff -f "$file"
session_start http-kept "$VIP4" 80
session_send /
sed "/10.0.0.1[12]/d" "$file" >"$WORK/fewer.yaml"
refused 5 "1 active flow; use --force to terminate it" "--prune of a backend with flows is refused" \
	lbctl apply -f "$WORK/fewer.yaml" --prune
prints 0 "" "the refused apply changes nothing" lbctl diff -f "$file"
prints 0 changed "apply --prune --force" lbctl apply -f "$WORK/fewer.yaml" --prune --force
session_end
must lbctl detach --force
checksums_are_right
finish
