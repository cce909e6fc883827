#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A backend that answers nothing, not even with a refusal, is marked down by every kind of check.
# Two services share the backend and its probes.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up --backends 2
service 4 tcp 80 "1 1" --check "$CHECK"
must lbctl service add pinged 192.0.2.11:80/tcp --check "ping,${CHECK#*,}"
must lbctl backend add pinged 10.0.0.11
must lbctl backend add pinged 10.0.0.12
must lbctl service add same 192.0.2.12:80/tcp --check "$CHECK"
must lbctl backend add same 10.0.0.11

# Health of backend 1 in all three services.
all_health() {
	local service words=
	for service in web-4-tcp pinged same; do
		words+="$(value '.[0].health' backend list "$service") "
	done
	echo "${words% }"
}

controller_start
becomes "up up up" "all services mark the backend up" all_health
on b1 ip link set eth0 down
becomes "down down down" "after its link is down, tcp and ping checks mark it down" all_health
is "$(fetch 20 "$(url "$VIP4")")" "b2=20" "the backend gets no new connection"
like "$(lbctl backend show web-4-tcp 10.0.0.11)" "failed, (timeout|connect: No route)" "backend show has the reason"
probes=$(lbctl -j backend show same 10.0.0.11 | jq .check.consecutive)
ok "services with the same check of a backend share its probes" test "$probes" -ge 3
on b1 ip link set eth0 up
becomes "up up up" "after its link is up again, the backend is up" all_health
finish
