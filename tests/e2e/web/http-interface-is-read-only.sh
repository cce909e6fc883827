#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The controller's HTTP interface serves what commands print: metrics, status and health. It is
# read only.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"
# shellcheck source=tests/lib/shell/web.bash
source "$(dirname "$0")/../../lib/shell/web.bash"

balancer_up --backends 2
service 4 tcp 80 "5 3" --feedback observe
service 6 tcp 80 "1 1"

controller_start
is "$(on balancer ss -Hltn)" "" "without --listen, the controller does not listen"
controller_stop
web_start
fetch 8 "$(url "$VIP4")" >"$WORK/tally"

status_of() { # CURL ARGUMENTS...
	client_curl -o "$WORK/body" -w '%{http_code}' "$@"
}

# --- paths ---
is "$(status_of "$WEB/healthz") $(<"$WORK/body")" "200 ok" "/healthz answers with 200 and ok"
is "$(status_of -g 'http://[2001:db8:1::1]:9440/healthz')" 200 "/healthz answers over IPv6"
is "$(on balancer curl -sS http://127.0.0.1:9440/healthz)" ok "/healthz answers on the third address"
names() { # FILE
	sed -E '/^#/d; s/ [^ ]+$//' "$1" | sort
}
client_curl "$WEB/metrics" >"$WORK/served"
lbctl metrics >"$WORK/printed"
is "$(names "$WORK/served")" "$(names "$WORK/printed")" "/metrics has the metrics of lbctl metrics"
ok "promtool accepts /metrics" promtool check metrics <"$WORK/served"
same_flows() {
	client_curl "$WEB/metrics" | grep -qxF 'lbctl_service_new_flows_total{service="web-4-tcp"} 8'
}
ok "/metrics has current values" await 10 same_flows
quiet_status() { # without what any packet changes
	jq -cS 'del(.outcomes)'
}
same_status() {
	[[ $(client_curl "$WEB/api/status" | quiet_status) == "$(lbctl -j status | quiet_status)" ]]
}
ok "/api/status is the output of lbctl -j status" await 10 same_status
live_has() { # FILTER
	client_curl "$WEB/api/live" | jq -e "$1"
}
ok "/api/live has the rates of the last seconds" await 10 live_has \
	'.seconds > 0 and (.services | all(.per_second.new_flows >= 0)) and .outcomes_per_second.forwarded >= 0'
ok "/api/live explains the outcomes" await 10 live_has '(.outcome_help | keys) == (.outcomes | keys)'
ok "/api/live lists the outcomes that lose packets" await 10 live_has \
	'(.outcomes_lost | index("no_backend")) and (.outcomes_lost - (.outcomes | keys) == [])'
ok "/api/live has the name of the instance" await 10 live_has ".instance == \"$NAME\""
is "$(status_of "$WEB/")" 200 "/ is the status page"
like "$(<"$WORK/body")" "<!DOCTYPE html>" "the status page is HTML"
not_ok "the status page refers to no other host" grep -E '(src|href)="?(https?:)?//|url\(|@import' "$WORK/body"

# --- headers ---
head_of() { # PATH
	client_curl -D - -o /dev/null "$WEB$1"
}
is "$(head_of / | header Content-Type)" "text/html; charset=utf-8" "/ has its content type"
is "$(head_of /metrics | header Content-Type)" "text/plain; version=0.0.4; charset=utf-8" "/metrics has its content type"
is "$(head_of /api/status | header Content-Type)" "application/json" "/api/status has its content type"
for path in / /metrics /healthz /api/status /api/live /nothing; do
	head_of "$path" >"$WORK/head"
	is "$(header Cache-Control <"$WORK/head") $(header X-Content-Type-Options <"$WORK/head")" \
		"no-store nosniff" "$path forbids caching and sniffing"
done
policy=$(head_of / | header Content-Security-Policy)
like "$policy" "default-src 'none'.*script-src 'sha256-.*frame-ancestors 'none'" "the content security policy allows only the page's own script"
not_ok "the policy allows nothing unsafe, and no other host" grep -E "unsafe|\*|https?:" <<<"$policy"

# --- read only ---
is "$(client_curl -I "$WEB/healthz" | header Content-Length) $(client_curl -I "$WEB/healthz" | head -c 12)" "3 HTTP/1.1 200" \
	"HEAD returns the length"
is "$(client_curl -X HEAD --max-time 5 --http1.1 -o - -w '' "$WEB/healthz" 2>/dev/null | wc -c)" 0 "HEAD returns no body"
for method in POST PUT DELETE PATCH OPTIONS TRACE FOO; do
	is "$(status_of -D "$WORK/head" -X "$method" "$WEB/metrics") $(header Allow <"$WORK/head")" "405 GET, HEAD" "$method is not allowed"
done
is "$(status_of -X POST --expect100-timeout "$LIMIT_S" --data-binary "@$LBCTL" "$WEB/metrics" 2>/dev/null || true)" 405 "POST with a large body is not allowed"
for path in /nothing /metrics/ /api /../etc/passwd //; do
	is "$(status_of --path-as-is "$WEB$path")" 404 "$path is not found"
done
is "$(status_of "$WEB/healthz?x=<y>")" 200 "a query string is ignored"

# --- invalid requests ---
printf -v long '%20000s' x
is "$(status_of -H "X-Long: ${long// /x}" "$WEB/healthz")" 431 "headers that are too long are refused"
for ((i = 0; i < 5; i++)); do
	head -c 40000 /dev/urandom | on client timeout 5 bash -c 'cat >/dev/tcp/198.51.100.1/9440' 2>/dev/null || true
done
is "$(status_of "$WEB/healthz")" 200 "after random bytes the controller still answers"

# --- while another process holds the lock ---
# After 3 s without a round the controller is unhealthy. If a slow machine takes longer than that,
# the attempt is repeated.
answers_when_locked() {
	local lock answers
	exec {lock}<"$PINS"
	flock "$lock"
	answers="$(status_of -D "$WORK/head" "$WEB/api/live") $(header Retry-After <"$WORK/head")"
	cp "$WORK/body" "$WORK/live"
	answers+=" $(status_of "$WEB/healthz")"
	exec {lock}<&-
	[[ $answers == "503 1 200" ]]
}
ok "/api/live does not wait for the lock: 503 with Retry-After; /healthz is ok" await 10 answers_when_locked
like "$(<"$WORK/live")" "holds the lock" "the body has the reason"
becomes 200 "when the lock is free, /api/live answers again" status_of "$WEB/api/live"
controller_stop

# --- addresses that it cannot listen on ---
start on balancer python3 -c 'import socket, sys, time
taken = socket.create_server(("198.51.100.1", 9440))
open(sys.argv[1], "w").close()
time.sleep(600)' "$WORK/taken"
taken=$STARTED
must await 10 test -e "$WORK/taken"
refused 5 "198.51.100.1:9440: address in use" "an address in use is a conflict" \
	lbctl run --listen 198.51.100.1:9440
stop "$taken"
refused 3 "192.0.2.99:9440: not an address of this host" "an address of another host is invalid" \
	lbctl run --listen 192.0.2.99:9440
for place in 9440 198.51.100.1 198.51.100.1:0 198.51.100.1:99999 2001:db8:1::1:9440 localhost:9440 127.0.0.1:9440/tcp "" \
	'127.0.0.1:9440,' 127.0.0.1:1,127.0.0.1:2,127.0.0.1:3,127.0.0.1:4,127.0.0.1:5; do
	refused 3 "expected ADDR:PORT" "'$place' is invalid" lbctl run --listen "$place"
done
refused 3 "expected ADDR:PORT" "--dry-run finds an invalid address" lbctl run --dry-run --listen nowhere
prints 0 "" "--dry-run accepts a valid address" lbctl run --dry-run --listen 127.0.0.1:9440

# --- an unhealthy controller ---
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
ok "before its first round a controller is unhealthy" await 20 is_unhealthy
like "$(<"$WORK/body")" "not completed its first round" "the body has the reason"
exec {lock}<&-
is_healthy() {
	[[ $(local_status /healthz) == 200 ]]
}
ok "after its first round the controller is healthy" await 20 is_healthy
on balancer ip link del front
on balancer ip link del back
ok "without an interface the controller is unhealthy" await 20 is_unhealthy
like "$(<"$WORK/body")" "not attached to any interface" "the body has the reason"
is "$(local_status /metrics)" 200 "/metrics still answers"
must lbctl detach
reap "$CONTROLLER"
is "$STATUS" 0 "the controller ends with the instance"
not_ok "the controller's port is closed" on balancer curl -sS --max-time 5 http://127.0.0.1:9440/healthz
finish
