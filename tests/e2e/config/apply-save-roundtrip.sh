#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A file makes an instance, its services and backends; saved and applied again it is the
# same. What operators said since survives, unless it is to be dropped.
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

prints 0 "" "a file is right, without an instance" lbctl validate -f "$file"
prints 0 changed "with --dry-run it says what would be" lbctl --dry-run apply -f "$file"
not_ok "and makes nothing" test -e "$PINS"
prints 0 changed "applied" lbctl apply -f "$file"
prints 0 unchanged "and again" lbctl apply -f "$file"
prints 0 "" "nothing differs" lbctl diff -f "$file"
is "$(fetch 80 "$(url "$VIP4")")" "b1=50 b2=30" "traffic is balanced as the file says"
is "$(fetch 3 "$(url "$VIP6")")" "b1=3" "over IPv6 as well"
is "$(value '.services[1] | [.scheduler, .persist, .timeouts_ms.new] | @csv' status)" '"maglev","source=90s",5000' \
	"settings are as the file and its defaults say"

must lbctl save -o "$WORK/saved.yaml"
must lbctl -j save -o "$WORK/saved.json"
prints 0 "" "what was saved does not differ" lbctl diff -f "$WORK/saved.yaml"
prints 0 "" "as JSON neither" lbctl diff -f - <"$WORK/saved.json"

must lbctl backend drain web 10.0.0.11
must lbctl backend weight web 10.0.0.12 50%
must lbctl backend ready web 10.0.0.13
is "$(lbctl diff -f "$file")" "" "what operators said since is no difference"
prints 0 unchanged "and survives" lbctl apply -f "$file"
said='[.[] | [.state, .configured_state, .override]]'
is "$(value "$said" backend list web | jq -c .)" '[["drain","ready",null],["ready","ready",1.5],["ready","drain",null]]' \
	"it is shown as such"
before=$(configuration)
must lbctl save -o "$WORK/later.yaml"
must lbctl detach --force
prints 0 changed "what was saved makes it all again" lbctl apply -f "$WORK/later.yaml"
is "$(configuration)" "$before" "with what was said since"
prints 0 changed "--reset-runtime drops that" lbctl apply -f "$file" --reset-runtime
is "$(value "$said" backend list web | jq -c .)" '[["ready","ready",null],["ready","ready",null],["drain","drain",null]]' \
	"and all is as the file says"

must lbctl service add other 192.0.2.11:80/tcp
must lbctl backend del web 10.0.0.12 --force
must lbctl service set web6 --scheduler source
must lbctl backend add web 10.0.0.14
must lbctl backend add web 10.0.0.11 --weight 7 --update
lbctl diff -f "$file" >"$WORK/differences" || status=$?
is "${status-0} $(tr '\n' '|' <"$WORK/differences")" \
	"1 ~ service web6: scheduler source -> maglev|- service other 192.0.2.11:80/tcp|~ backend web 10.0.0.11:80: weight 7 -> 5|- backend web 10.0.0.14:80|+ backend web 10.0.0.12:80|" \
	"differences are told one by one, and are exit code 1"
is "$(lbctl -j diff -f "$file" | jq -c 'map(.change) | sort')" '["added","removed","removed","set","set"]' "as JSON as well"
prints 0 changed "applied again" lbctl apply -f "$file"
is "$(lbctl diff -f "$file" | tr '\n' '|')" "- service other 192.0.2.11:80/tcp|- backend web 10.0.0.14:80|" \
	"what the file does not have stays"
must lbctl service del other
prints 0 changed "--prune removes it" lbctl apply -f "$file" --prune
prints 0 "" "and nothing differs" lbctl diff -f "$file"
session_start http-kept "$VIP4" 80
session_send /
sed "/10.0.0.1[12]/d" "$file" >"$WORK/fewer.yaml"
refused 5 "1 active flow; use --force to terminate it" "but not what has flows" lbctl apply -f "$WORK/fewer.yaml" --prune
prints 0 "" "and nothing else of it" lbctl diff -f "$file"
prints 0 changed "unless --force" lbctl apply -f "$WORK/fewer.yaml" --prune --force
session_end
must lbctl detach --force
checksums_are_right
finish
