#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `lbctl wait` ends when backends are healthy or when their flows have ended, and with exit code 7
# after its timeout.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

start_wait() { # ARGUMENTS OF wait...: in the background
	start lbctl wait "$@" --timeout "${LIMIT_S}s"
}

balancer_up --backends 2
service 4 tcp 80 "1 1"
refused 3 "no health check" "waiting for health needs a check" lbctl wait web-4-tcp --for healthy
refused 2 "for" "--for is required" lbctl wait web-4-tcp
refused 3 "expected" "an unknown condition is refused" lbctl wait web-4-tcp --for lunch
must lbctl service set web-4-tcp --check "$CHECK"
refused 7 "0 of 2" "no backend is up without a probe" lbctl wait web-4-tcp --for healthy --timeout 100ms
start_wait web-4-tcp --for healthy
waiter=$STARTED
controller_start
reap "$waiter"
is "$STATUS" 0 "wait --for healthy ends when all backends are up"
backend_kill 1
health_becomes "down up" "one backend is down" 1 2
refused 7 "1 of 2" "wait for the service times out" lbctl wait web-4-tcp --for healthy --timeout 100ms
start_wait web-4-tcp 10.0.0.12 --for healthy
reap "$STARTED"
is "$STATUS" 0 "wait for the other backend ends"
must lbctl backend maint web-4-tcp 10.0.0.11
start_wait web-4-tcp --for healthy
reap "$STARTED"
is "$STATUS" 0 "wait ignores a backend in maintenance"

session_start http-kept "$VIP4" 80
session_send hello
refused 7 "1 active flow" "wait for a service with a flow times out" lbctl wait web-4-tcp --for drained --timeout 100ms
refused 7 "1 active flow" "wait for a backend with a flow times out" \
	lbctl wait web-4-tcp 10.0.0.12 --for drained --timeout 100ms
start_wait web-4-tcp --for drained
waiter=$STARTED
must lbctl flow flush --force
reap "$waiter"
is "$STATUS" 0 "wait --for drained ends when no flow is left"
session_end
finish
