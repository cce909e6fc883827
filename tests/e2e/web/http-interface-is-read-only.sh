#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Where the controller listens it tells what commands tell: metrics, status, whether it is well;
# to be read, and nothing else.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"
# shellcheck source=tests/lib/shell/web.bash
source "$(dirname "$0")/../../lib/shell/web.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "5 3" --feedback observe
service 6 tcp 80 "1 1"

controller_start
is "$(on balancer ss -Hltn)" "" "it listens nowhere unless it is told to"
controller_stop
web_start
fetch 8 "$(url "$VIP4")" >"$WORK/tally"

status_of() { # CURL ARGUMENTS...
	client_curl -o "$WORK/body" -w '%{http_code}' "$@"
}

# --- what there is ---
is "$(status_of "$WEB/healthz") $(<"$WORK/body")" "200 ok" "it is well"
is "$(status_of -g 'http://[2001:db8:1::1]:9440/healthz')" 200 "over IPv6, too"
is "$(on balancer curl -sS http://127.0.0.1:9440/healthz)" ok "and at a third place"
names() { # FILE
	sed -E '/^#/d; s/ [^ ]+$//' "$1" | sort
}
client_curl "$WEB/metrics" >"$WORK/asked"
lbctl metrics >"$WORK/told"
is "$(names "$WORK/asked")" "$(names "$WORK/told")" "/metrics has what lbctl metrics has"
ok "and promtool finds nothing to object to" promtool check metrics <"$WORK/asked"
same_flows() {
	client_curl "$WEB/metrics" | grep -qxF 'lbctl_service_new_flows_total{service="web-4-tcp"} 8'
}
ok "with figures of now" await 10 same_flows
quiet_status() { # what no packet changes
	jq -cS 'del(.outcomes)'
}
same_status() {
	[[ $(client_curl "$WEB/api/status" | quiet_status) == "$(lbctl -j status | quiet_status)" ]]
}
ok "/api/status is what lbctl -j status tells" await 10 same_status
live_has() { # FILTER
	client_curl "$WEB/api/live" | jq -e "$1"
}
client_curl "$WEB/api/live" >"$WORK/live"
ok "/api/live has what the last seconds brought" await 10 live_has \
	'.seconds > 0 and (.services | all(.per_second.new_flows >= 0)) and .outcomes_per_second.forwarded >= 0'
ok "and says what outcomes mean" live_has '(.outcome_help | keys) == (.outcomes | keys)'
ok "and which of them are losses" live_has '(.outcomes_lost | index("no_backend")) and (.outcomes_lost - (.outcomes | keys) == [])'
ok "and which instance it is" live_has ".instance == \"$NAME\""
is "$(status_of "$WEB/")" 200 "/ is a page"
like "$(<"$WORK/body")" "<!DOCTYPE html>" "of HTML"
not_ok "that refers to nothing elsewhere" grep -E '(src|href)="?(https?:)?//|url\(|@import' "$WORK/body"

# --- how it is told ---
head_of() { # PATH
	client_curl -D - -o /dev/null "$WEB$1"
}
is "$(head_of / | header Content-Type)" "text/html; charset=utf-8" "the page's type"
is "$(head_of /metrics | header Content-Type)" "text/plain; version=0.0.4; charset=utf-8" "the metrics' type"
is "$(head_of /api/status | header Content-Type)" "application/json" "the status' type"
for path in / /metrics /healthz /api/status /api/live /nothing; do
	head_of "$path" >"$WORK/head"
	is "$(header Cache-Control <"$WORK/head") $(header X-Content-Type-Options <"$WORK/head")" \
		"no-store nosniff" "$path is not to be kept, nor taken for something else"
done
policy=$(head_of / | header Content-Security-Policy)
like "$policy" "default-src 'none'.*script-src 'sha256-.*frame-ancestors 'none'" "the page may do what it has to"
not_ok "and no more" grep -E "unsafe|\*|https?:" <<<"$policy"

# --- read only ---
is "$(client_curl -I "$WEB/healthz" | header Content-Length) $(client_curl -I "$WEB/healthz" | head -c 12)" "3 HTTP/1.1 200" \
	"HEAD tells how much there is"
is "$(client_curl -X HEAD --max-time 5 --http1.1 -o - -w '' "$WEB/healthz" 2>/dev/null | wc -c)" 0 "and none of it"
for method in POST PUT DELETE PATCH OPTIONS TRACE FOO; do
	is "$(status_of -D "$WORK/head" -X "$method" "$WEB/metrics") $(header Allow <"$WORK/head")" "405 GET, HEAD" "$method is not allowed"
done
is "$(status_of -X POST --data-binary "@$LBCTL" "$WEB/metrics" 2>/dev/null || true)" 405 "not even with much to say"
for path in /nothing /metrics/ /api /../etc/passwd //; do
	is "$(status_of --path-as-is "$WEB$path")" 404 "there is nothing at $path"
done
is "$(status_of "$WEB/healthz?x=<y>")" 200 "what is behind a question mark is not looked at"


# --- who does not speak HTTP, or too much of it ---
printf -v long '%20000s' x
is "$(status_of -H "X-Long: ${long// /x}" "$WEB/healthz")" 431 "headers without end are refused"
for ((i = 0; i < 5; i++)); do
	head -c 40000 /dev/urandom | on client timeout 5 bash -c 'cat >/dev/tcp/198.51.100.1/9440' 2>/dev/null || true
done
is "$(status_of "$WEB/healthz")" 200 "noise does no harm"

# --- while others have the lock ---
exec {lock}<"$PINS"
must flock "$lock"
is "$(status_of -D "$WORK/head" "$WEB/api/live") $(header Retry-After <"$WORK/head")" "503 1" "it does not wait for the lock"
like "$(<"$WORK/body")" "holds the lock" "and says so"
is "$(status_of "$WEB/healthz")" 200 "it is well nevertheless"
exec {lock}<&-
answers_again() {
	[[ $(status_of "$WEB/api/live") == 200 ]]
}
ok "and then it goes on" await 10 answers_again
controller_stop

# --- where it cannot listen ---
start on balancer python3 -c 'import socket, sys, time
taken = socket.create_server(("198.51.100.1", 9440))
open(sys.argv[1], "w").close()
time.sleep(600)' "$WORK/taken"
taken=$STARTED
must await 10 test -e "$WORK/taken"
refused 5 "198.51.100.1:9440: something else listens" "a place that is taken is a conflict" \
	lbctl run --listen 198.51.100.1:9440
stop "$taken"
refused 3 "192.0.2.99:9440: this host has no such address" "an address of another host is not valid" \
	lbctl run --listen 192.0.2.99:9440
for place in 9440 198.51.100.1 198.51.100.1:0 198.51.100.1:99999 2001:db8:1::1:9440 localhost:9440 127.0.0.1:9440/tcp "" \
	'127.0.0.1:9440,' 127.0.0.1:1,127.0.0.1:2,127.0.0.1:3,127.0.0.1:4,127.0.0.1:5; do
	refused 3 "expected ADDR:PORT" "nor is '$place'" lbctl run --listen "$place"
done
refused 3 "expected ADDR:PORT" "which --dry-run finds out, too" lbctl run --dry-run --listen nowhere
prints 0 "" "and else has nothing to say" lbctl run --dry-run --listen 127.0.0.1:9440

# --- when it is not well ---
exec {lock}<"$PINS"
must flock "$lock"
start lbctl run --listen 127.0.0.1:9440 2>>"$WORK/controller" {lock}<&-
CONTROLLER=$STARTED
local_status() { # PATH
	on balancer curl -sS -o "$WORK/body" -w '%{http_code}' "http://127.0.0.1:9440$1"
}
is_unhealthy() {
	[[ $(local_status /healthz) == 503 ]]
}
ok "before it has done its work once it is not well" await 20 is_unhealthy
like "$(<"$WORK/body")" "not completed its first round" "and says why"
exec {lock}<&-
is_healthy() {
	[[ $(local_status /healthz) == 200 ]]
}
ok "and then it is" await 20 is_healthy
on balancer ip link del front
on balancer ip link del back
ok "without an interface it is not well" await 20 is_unhealthy
like "$(<"$WORK/body")" "not attached to any interface" "and says why"
is "$(local_status /metrics)" 200 "but goes on to tell"
must lbctl --lock-timeout 60s detach
status=0
wait "$CONTROLLER" || status=$?
forget_process "$CONTROLLER"
is "$status" 0 "it ends with the instance"
not_ok "and nobody listens" on balancer curl -sS --max-time 5 http://127.0.0.1:9440/healthz
finish
