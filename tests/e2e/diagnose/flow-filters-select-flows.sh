#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The filters of `flow list`, `flow count` and `flow flush`, and both output formats of a flow.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
serve udp-echo 5353
service 4 tcp 80 "1 1"
service 4 udp 5353 "1 1" --timeout-new 1h --timeout-established 1h
prints 0 "" "without flows the list is empty" lbctl flow list
prints 0 "[]" "as JSON, that is an empty array" lbctl -j flow list
must udp 12 192.0.2.10 5353 # one packet in each direction: state answered
session_start http-kept "$VIP4" 80
session_send hello

is "$(flows --protocol udp)" 12 "--protocol udp matches the UDP flows"
is "$(flows --protocol tcp)" 1 "--protocol tcp matches the TCP flow"
is "$(flows --state answered)" 12 "--state matches the flows in one state"
is "$(flows --state established,answered)" 13 "--state matches the flows in several states"
is "$(flows --state answered --protocol tcp)" 0 "a flow has to match both of two filters"
is "$(flows --idle-over 1h)" 0 "--idle-over 1h matches no flow"
becomes 13 "--idle-over 1s soon matches all flows" flows --idle-over 1s
is "$(value length flow list --limit 5)" 5 "--limit 5 lists 5 flows"
is "$(lbctl flow list --limit 5 | wc -l)" 6 "as text, the list has a heading"
is "$(lbctl -j flow list --protocol tcp | jq -c 'map(keys)')" '[["age_ms","backend","client","idle_ms","protocol","service","state"]]' "a flow has these fields"
is "$(lbctl -p flow list | jq -cS 'map(del(.age_ms, .idle_ms)) | sort')" "$(lbctl -j flow list | jq -cS 'map(del(.age_ms, .idle_ms)) | sort')" "-p prints the same JSON, indented"
is "$(lbctl -p flow list --protocol tcp | jq --indent 2 'map(.age_ms = 0 | .idle_ms = 0)')" \
	"$(lbctl -p flow list --protocol tcp | sed -E 's/("(age|idle)_ms": )[0-9]+/\10/')" "-p indents as jq does"
like "$(lbctl flow list --protocol tcp | tail -n 1)" '^198\.51\.100\.2:[0-9]+ +web-4-tcp +10\.0\.0\.1[12]:80 +tcp +established +[0-9]+\.[0-9]s +[0-9]+\.[0-9]s$' "as text, a flow is one line"
is "$(lbctl flow list | awk '{ print length($0) }' | sort -u | wc -l)" 1 "columns are aligned"
prints 0 changed "flow flush removes the flows in one state" lbctl flow flush --state answered --force
is "$(flows --protocol udp) $(flows --protocol tcp)" "0 1" "flow flush keeps the other flows"

refused 3 "expected tcp or udp" "an unknown protocol is refused" lbctl flow list --protocol icmp
refused 3 "expected closed" "an unknown state is refused" lbctl flow count --state asleep
refused 3 "expected a duration" "an invalid duration is refused" lbctl flow count --idle-over long
refused 3 "expected a whole number" "an invalid limit is refused" lbctl flow list --limit few
session_end
checksums_are_right
finish
