#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every change is recorded as an event with time and reason, whichever command or controller made
# it. The last 1024 events are kept.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up --backends 2
is "$(lbctl events)" "" "a new instance has no events"
is "$(lbctl -j events)" "[]" "as JSON, that is an empty array"
service 4 tcp 80 "1 1"
must lbctl service add other 192.0.2.11:80/udp
start lbctl events --follow >"$WORK/followed"
follower=$STARTED
start lbctl -j events --follow >"$WORK/followed.json"
json_follower=$STARTED
must await 20 test -s "$WORK/followed" -a -s "$WORK/followed.json"

must lbctl backend weight web-4-tcp 10.0.0.11 7
must lbctl backend weight web-4-tcp 10.0.0.11 7
must lbctl backend drain web-4-tcp 10.0.0.11
must lbctl service set web-4-tcp --scheduler rr --check tcp,interval=1m,timeout=1m,fall=2
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
service-changed web-4-tcp: scheduler wrr -> rr, check none -> $(value .check service show web-4-tcp)
state web-4-tcp 10.0.0.11:80: drain -> ready
up web-4-tcp 10.0.0.11:80: connected (1 in a row)
down web-4-tcp 10.0.0.12:80: connect: Connection refused (1 in a row)
backend-deleted web-4-tcp 10.0.0.12:80
service-deleted other" "events has all changes in order, and nothing else"
like "$(value .check service show web-4-tcp)" '^tcp,.*fall=2' "the event has the check in canonical form"
is "$(lbctl events other | wc -l)" 2 "with a service, events prints only its events"
is "$(lbctl -j events web-4-tcp | jq -c '.[3] | [.event, .service, .address, .port, .text]')" \
	'["weight","web-4-tcp","10.0.0.11",80,"1 -> 7"]' "an event as JSON has its fields"
like "$(lbctl -j events | jq -r '.[0].time')" '^20..-..-..T..:..:..\....Z$' "an event as JSON has its time"
is "$(lbctl events --since 1h | wc -l)" 12 "--since 1h shows all events"
is "$(lbctl events --since 0s | wc -l)" 0 "--since 0s shows none"
refused 3 duration "--since takes a duration" lbctl events --since yesterday
ok "--follow prints new events" await 20 grep -q service-deleted "$WORK/followed"
ok "--follow prints them as JSON" await 20 grep -q service-deleted "$WORK/followed.json"
is "$(jq -r .event "$WORK/followed.json" | tail -n 1)" service-deleted "each line is a JSON object"
stop "$follower"
stop "$json_follower"
finish
