#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Clients that send slowly, without end, or very often, do not keep the controller from its work or
# from answering others. It closes their connections in the end.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"
# shellcheck source=tests/lib/shell/web.bash
source "$(dirname "$0")/../../lib/shell/web.bash"

SLOW=$ROOT/tests/lib/shell/slow_clients.py
balancer_up --backends 2
service 4 tcp 80 "1 1" --check "$CHECK"
web_start
health_becomes "up up" "both backends are up" 1 2

slow_start() {
	rm -f "$WORK/open"
	start on client "$SLOW" 198.51.100.1 9440 40 "$WORK/open"
	slow=$STARTED
	must await 20 test -e "$WORK/open"
}
open_connections() { # of the controller, whatever the state of the clients
	on balancer ss -Htn state established 'sport = :9440' | wc -l
}
some_are_open() {
	(($(open_connections) > 8))
}
local_request_succeeds() {
	[[ $(on balancer curl -sS --max-time "$LIMIT_S" http://127.0.0.1:9440/healthz) == ok ]]
}
answers_beside_others() {
	local_request_succeeds && some_are_open
}

# --- slow clients ---
slow_start
ok "forty slow clients connect" await 20 some_are_open
between 1 "$(open_connections)" 16 "one client address gets at most 16 connections"
ok "another client is answered while they are connected" answers_beside_others
backend_kill 1
health_becomes "down up" "the controller continues its work" 1 2
becomes 0 "all slow connections are closed in the end" open_connections
stop "$slow"
ok "the address of the slow clients can connect again" await 20 web_is_healthy

# --- many requests ---
start on client wrk -t 1 -c 12 -d 600 "$WEB/metrics"
many_clients=$STARTED
start on client wrk -t 1 -c 3 -d 600 "$WEB/api/live"
other=$STARTED
ok "another client is answered beside many requests" local_request_succeeds
backend_revive 1
health_becomes "up up" "the controller continues its work beside many requests" 1 2
stop "$many_clients"
stop "$other"

# --- the end of the controller ---
stop_controller() { # sets STOP_S: how long it took
	local started=$SECONDS
	stop "$CONTROLLER"
	STOP_S=$((SECONDS - started))
}
stop_controller
stop_alone_s=$STOP_S
web_start
slow_start
ok "slow clients connect again" await 20 some_are_open
stop_controller
is "$STATUS" 0 "SIGTERM ends the controller with exit code 0"
# Slow connections last 20 s.
between 0 "$STOP_S" $((stop_alone_s + 15)) "the controller does not wait for slow connections to end"
becomes 0 "the end of the controller closes the connections" open_connections
stop "$slow"
web_start
pass "another controller can listen on the same address"
finish
