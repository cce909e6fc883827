#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whoever asks the controller slowly, or often, or without end, keeps it neither from its work
# nor from answering others, and is hung up on in the end.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"
# shellcheck source=tests/lib/shell/web.bash
source "$(dirname "$0")/../../lib/shell/web.bash"

SLOW=$ROOT/tests/lib/shell/slow_clients.py
lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1" --check "$CHECK"
web_start
health_becomes "up up" "the backends are up" 1 2

slow_start() {
	rm -f "$WORK/open"
	start on client "$SLOW" 198.51.100.1 9440 40 "$WORK/open"
	slow=$STARTED
	must await 20 test -e "$WORK/open"
}
open_connections() { # as the controller has them, whatever clients take them for
	on balancer ss -Htn state established 'sport = :9440' | wc -l
}
some_are_open() {
	(($(open_connections) > 8))
}
none_is_open() {
	(($(open_connections) == 0))
}
local_request_succeeds() {
	[[ $(on balancer curl -sS --max-time 2 http://127.0.0.1:9440/healthz) == ok ]]
}

# --- slow ones ---
slow_start
ok "forty slow clients come" await 20 some_are_open
between 1 "$(open_connections)" 16 "of one address no more than sixteen may stay"
ok "others are answered meanwhile" local_request_succeeds
backend_kill 1
health_becomes "down up" "and the controller goes on with its work" 1 2
ok "in the end all are hung up on" await 60 none_is_open
stop "$slow"
ok "and their address is welcome again" await 20 web_is_healthy

# --- many ---
start on client wrk -t 1 -c 12 -d 600 "$WEB/metrics"
many_clients=$STARTED
start on client wrk -t 1 -c 3 -d 600 "$WEB/api/live"
other=$STARTED
ok "others are answered in a crowd, too" await 10 local_request_succeeds
backend_revive 1
health_becomes "up up" "in which the controller goes on with its work" 1 2
stop "$many_clients"
stop "$other"

# --- the end ---
slow_start
ok "slow clients come again" await 20 some_are_open
started=$SECONDS
status=0
kill -TERM "$CONTROLLER"
wait "$CONTROLLER" || status=$?
forget_process "$CONTROLLER"
is "$status" 0 "SIGTERM ends it with exit code 0"
between 0 $((SECONDS - started)) 10 "and does not wait for them"
ok "who are hung up on" await 20 none_is_open
stop "$slow"
web_start
pass "where it was it may listen again at once"
finish
