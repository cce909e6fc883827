#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whatever changes is noted with its time and reason, by whomever it was done, and kept: the last
# 1024 events.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 2
must lbctl attach front back
is "$(lbctl events)" "" "at first nothing has happened"
is "$(lbctl -j events)" "[]" "which is an empty array"
service 4 tcp 80 "1 1"
must lbctl service add other 192.0.2.11:80/udp
start lbctl events --follow >"$WORK/followed"
follower=$STARTED
start lbctl -j events --follow >"$WORK/followed.json"
json_follower=$STARTED

must lbctl backend weight web-4-tcp 10.0.0.11 7
must lbctl backend weight web-4-tcp 10.0.0.11 7
must lbctl backend drain web-4-tcp 10.0.0.11
must lbctl service set web-4-tcp --scheduler rr --check "$CHECK,fall=2"
must lbctl --dry-run backend weight web-4-tcp 10.0.0.11 9
backend_kill 2
must lbctl backend ready web-4-tcp 10.0.0.11
lbctl check >"$WORK/out" || true
must lbctl backend del web-4-tcp 10.0.0.12
must lbctl service del other

event_texts() {
	lbctl events | cut -d' ' -f3-
}
is "$(event_texts)" "service-added web-4-tcp: 192.0.2.10:80/tcp
backend-added web-4-tcp 10.0.0.11:80: weight 1, ready
backend-added web-4-tcp 10.0.0.12:80: weight 1, ready
service-added other: 192.0.2.11:80/udp
weight web-4-tcp 10.0.0.11:80: 1 -> 7
state web-4-tcp 10.0.0.11:80: ready -> drain
service-changed web-4-tcp: scheduler wrr -> rr, check none -> tcp,interval=1s,timeout=1s,fast=200ms,rise=2,fall=2
state web-4-tcp 10.0.0.11:80: drain -> ready
up web-4-tcp 10.0.0.11:80: connected (1 in a row)
down web-4-tcp 10.0.0.12:80: connect: Connection refused (1 in a row)
backend-deleted web-4-tcp 10.0.0.12:80
service-deleted other" "all changes, in their order, and no others"
is "$(lbctl events other | wc -l)" 2 "those of one service"
is "$(lbctl -j events web-4-tcp | jq -c '.[3] | [.event, .service, .address, .port, .text]')" \
	'["weight","web-4-tcp","10.0.0.11",80,"1 -> 7"]' "as JSON"
like "$(lbctl -j events | jq -r '.[0].time')" '^20..-..-..T..:..:..\....Z$' "with their times"
is "$(lbctl events --since 1h | wc -l)" 12 "since an hour ago"
is "$(lbctl events --since 0s | wc -l)" 0 "since now"
refused 3 duration "--since takes a duration" lbctl events --since yesterday
has_last() { # FILE
	grep -q service-deleted "$1"
}
ok "--follow goes on" await 20 has_last "$WORK/followed"
ok "with a JSON object a line" await 20 has_last "$WORK/followed.json"
is "$(jq -r .event "$WORK/followed.json" | tail -n 1)" service-deleted "of which each can be read"
stop "$follower"
stop "$json_follower"
finish
