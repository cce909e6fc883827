#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# JSON output has all fields that scripts rely on, with the documented types.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
service 4 tcp 80 "5 3"
must lbctl service add six '[2001:db8:2::10]:8443/udp' --scheduler random
must lbctl backend add six '[2001:db8:3::11]:443' --weight 2 --state drain
must fetch 16 "$(url "$VIP4")"
session_start http-kept "$VIP4" 80
session_send hello
must await 20 closed_connections_are_gone # the counters do not change any more

json_holds() { # TEXT JQ-CONDITION ARGUMENTS...
	local text=$1 condition=$2
	shift 2
	lbctl -j "$@" >"$WORK/json" 2>"$WORK/err" || true
	if jq -e "$condition" "$WORK/json" >"$WORK/jq" 2>&1; then
		pass "$text"
	else
		fail "$text" "condition: $condition" "$(cat "$WORK/jq" "$WORK/json" "$WORK/err")"
	fi
}

json_holds "status: attached" '[.attached[] | .interface + " " + .mode] | sort == ["back native", "front native"]' status
json_holds "status: generation" '.generation | type == "number" and . > 0' status
json_holds "status: controller" '.controller | .running == false and has("pid")' status
json_holds "status: outcomes" '.outcomes | length >= 10 and all(.[]; type == "number") and .forwarded > 0 and .replied > 0 and has("passed")' status
json_holds "a service" '.services[] | select(.name == "web-4-tcp") | del(.packets, .bytes, .flows, .new_flows, .backends)
	| contains({address: "192.0.2.10", port: 80, protocol: "tcp", scheduler: "wrr", forward: "nat", persist: "flow", feedback: "off", check: "none"})' status
json_holds "an IPv6 service" '.services[] | select(.name == "six") | [.address, .port, .protocol, .scheduler] == ["2001:db8:2::10", 8443, "udp", "random"]' status
json_holds "a service's counters" '.services[] | select(.name == "web-4-tcp")
	| .packets > 40 and .bytes > .packets * 40 and .new_flows == 17 and .flows >= 1' status
json_holds "a backend" '.services[] | select(.name == "web-4-tcp") | .backends[0]
	| [.address, .port, .state, .health, .weight, .effective_weight] == ["10.0.0.11", 80, "ready", "unknown", 5, 5]' status
json_holds "a drained backend" '.services[] | select(.name == "six") | .backends[0]
	| [.address, .port, .state, .health, .weight, .effective_weight] == ["2001:db8:3::11", 443, "drain", "unknown", 2, 0]' status
json_holds "a backend's counters" '[.services[] | select(.name == "web-4-tcp") | .backends[] | .packets, .bytes, .new_flows] | all(. > 0)' status
json_holds "a service's counters are the sums of its backends" '.services[] | select(.name == "web-4-tcp")
	| .packets == ([.backends[].packets] | add) and .new_flows == ([.backends[].new_flows] | add) and .flows == ([.backends[].flows] | add)' status
json_holds "a backend's latency" '.services[].backends[].latency_us | [.mean, .p50, .p99, .samples] | all(type == "number")' status
must lbctl -j status
json_same() { # FILTER ON STATUS, ARGUMENTS...
	local wanted
	wanted=$(value "$1" status)
	shift
	is "$(lbctl -j "$@" | jq -cS .)" "$(jq -cS . <<<"$wanted")" "lbctl -j $* equals that part of status"
}
json_same .services service list
json_same '.services[] | select(.name == "web-4-tcp") | .backends' backend list web-4-tcp
json_same '.services[] | select(.name == "six")' service show six
json_same '.services[] | select(.name == "six") | .backends[0] + {service: "six"}' backend show six '[2001:db8:3::11]:443'

json_holds "flow count" '.flows | type == "number" and . >= 1' flow count
like "$(lbctl -j flow count | jq -c .)" '^\{"flows":[0-9]+\}$' "flow count has no other field"
json_holds "flow list" 'map(select(.state == "established")) | length == 1' flow list
json_holds "a flow" '.[] | select(.state == "established") | (.client | test("^198\\.51\\.100\\.2:[0-9]+$")) and .service == "web-4-tcp"
	and (.backend | test("^10\\.0\\.0\\.1[12]:80$")) and .protocol == "tcp"
	and (.age_ms | type == "number" and . >= 0) and (.idle_ms | type == "number" and . >= 0)' flow list
json_holds "flows of one backend" 'all(.[]; .backend == "10.0.0.11:80")' flow list --backend 10.0.0.11
json_holds "flows of one client" 'length >= 1' flow list --client 198.51.100.2
json_holds "flows of another client" 'length == 0' flow list --client 198.51.100.3
json_holds "stats" 'type == "object" or type == "array"' stats
json_holds "version" '.version | test("^[0-9]+\\.[0-9]+")' version

is "$(lbctl -j status | wc -l)" 1 "-j prints one line"
ok "-p prints many lines" test "$(lbctl -p status | wc -l)" -gt 20
is "$(lbctl -p service list | jq -c 'map(.name)')" "$(lbctl -j service list | jq -c 'map(.name)')" "-p prints the same values"
session_end
checksums_are_right
finish
