#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A backend that answers nothing any more, not even a refusal, is down as well, whatever the
# check. Two services share it, and one probe tells for both.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 2
must lbctl attach front back
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

all_health_is() {
	[[ $(all_health) == "$1" ]]
}

controller_start
await 20 all_health_is "up up up" || true
is "$(all_health)" "up up up" "all are up"
on b1 ip link set eth0 down
await 30 all_health_is "down down down" || true
is "$(all_health)" "down down down" "a black-holed backend is down for tcp and for ping"
is "$(fetch 20 "$(url "$VIP4")")" "b2=20" "it gets nothing new"
like "$(lbctl backend show web-4-tcp 10.0.0.11)" "failed, (timeout|connect: No route)" "backend show says why"
probes=$(lbctl -j backend show same 10.0.0.11 | jq .check.consecutive)
ok "services that share it count the same probes" test "$probes" -ge 3
on b1 ip link set eth0 up
await 30 all_health_is "up up up" || true
is "$(all_health)" "up up up" "and comes back"
finish
