#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `lbctl wait`: for backends to be healthy, or for flows to end; exit code 7 when that takes
# too long.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1"
refused 3 "no health check" "who is never checked is never healthy" lbctl wait web-4-tcp --for healthy
refused 2 "for" "--for has to be said" lbctl wait web-4-tcp
refused 3 "expected" "and be one of two" lbctl wait web-4-tcp --for lunch
must lbctl service set web-4-tcp --check "$CHECK"
refused 7 "0 of 2" "nobody is up yet" lbctl wait web-4-tcp --for healthy --timeout 100ms
start lbctl wait web-4-tcp --for healthy --timeout 60s
waiting=$STARTED
controller_start
status=0
wait "$waiting" || status=$?
forget_process "$waiting"
is "$status" 0 "it returns when all are up"
backend_kill 1
health_becomes "down up" "one is down" 1 2
refused 7 "1 of 2" "the service is not healthy" lbctl wait web-4-tcp --for healthy --timeout 100ms
ok "the other backend is" lbctl wait web-4-tcp 10.0.0.12 --for healthy
must lbctl backend maint web-4-tcp 10.0.0.11
ok "nor is anything awaited of who is not ready" lbctl wait web-4-tcp --for healthy

must on client curl -s "$(url "$VIP4")"
must lbctl flow flush --force
session_start http-kept "$VIP4" 80
session_send hello
refused 7 "1 active flow" "a flow is alive" lbctl wait web-4-tcp --for drained --timeout 100ms
refused 7 "1 active flow" "of that backend" lbctl wait web-4-tcp 10.0.0.12 --for drained --timeout 100ms
start lbctl wait web-4-tcp --for drained --timeout 60s
waiting=$STARTED
must lbctl flow flush --force
status=0
wait "$waiting" || status=$?
forget_process "$waiting"
is "$status" 0 "it returns when none is left"
session_end
finish
