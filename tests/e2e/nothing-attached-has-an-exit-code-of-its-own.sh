#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Before attach and after detach every verb that needs an instance says so, by exit code 8.
# shellcheck source=tests/lib/e2e.bash
source "$(dirname "$0")/../lib/e2e.bash"

lab_up --backends 0
while read -ra words; do
	refused 8 'attach' "${words[*]}" lbctl "${words[@]}"
done <<'END'
status
stats
service list
service show web
service add web 192.0.2.10:80/tcp
service set web --scheduler rr
service del web
backend list web
backend add web 10.0.0.11
backend weight web 10.0.0.11 5
backend drain web 10.0.0.11
backend del web 10.0.0.11
flow list
flow count
flow flush
upgrade
detach
detach --force
END
lbctl -j status >"$WORK/out" 2>"$WORK/err" || true
is "$(jq -c '[.error.code, (.error.hint | type)]' "$WORK/err")" '[8,"string"]' "as JSON, too, with a hint"
nok "and none of them leaves anything" test -e "$PINS"
ok "help works" lbctl help
ok "version works" lbctl version
like "$(lbctl --version)" '^lbctl [0-9]+\.[0-9]+' "--version, too"
finish
