#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The filters of `flow list`, `flow count` and `flow flush`, and both ways of showing a flow.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
must lbctl attach front back
serve udp-echo 5353
service 4 tcp 80 "1 1"
service 4 udp 5353 "1 1"
prints 0 "" "no flows: nothing is listed" lbctl flow list
prints 0 "[]" "nor as JSON" lbctl -j flow list
must udp 12 192.0.2.10 5353 # one packet each way: answered
session_start http-kept "$VIP4" 80
session_send hello

is "$(flows --protocol udp)" 12 "of one protocol"
is "$(flows --protocol tcp)" 1 "of the other"
is "$(flows --state answered)" 12 "in one state"
is "$(flows --state established,answered)" 13 "or in several"
is "$(flows --state answered --protocol tcp)" 0 "filters add up"
is "$(flows --idle-over 1h)" 0 "nothing has been silent for so long"
all_are_idle() {
	(($(flows --idle-over 1s) == 13))
}
ok "in time, all have been silent for a while" await 20 all_are_idle
is "$(value length flow list --limit 5)" 5 "a list may be cut short"
is "$(lbctl flow list --limit 5 | wc -l)" 6 "below its headings"
is "$(lbctl -j flow list --protocol tcp | jq -c 'map(keys)')" '[["age_ms","backend","client","idle_ms","protocol","service","state"]]' "the fields of a flow"
is "$(lbctl -p flow list | jq -cS 'map(del(.age_ms, .idle_ms)) | sort')" "$(lbctl -j flow list | jq -cS 'map(del(.age_ms, .idle_ms)) | sort')" "-p is the same, indented"
is "$(lbctl -p flow list --protocol tcp | jq --indent 2 'map(.age_ms = 0 | .idle_ms = 0)')" \
	"$(lbctl -p flow list --protocol tcp | sed -E 's/("(age|idle)_ms": )[0-9]+/\10/')" "as other JSON is"
like "$(lbctl flow list --protocol tcp | tail -n 1)" '^198\.51\.100\.2:[0-9]+ +web-4-tcp +10\.0\.0\.1[12]:80 +tcp +established +[0-9]+\.[0-9]s +[0-9]+\.[0-9]s$' "a line of text"
is "$(lbctl flow list | awk '{ print length($0) }' | sort -u | wc -l)" 1 "columns stand below each other"
prints 0 changed "those in one state are forgotten" lbctl flow flush --state answered --force
is "$(flows --protocol udp) $(flows --protocol tcp)" "0 1" "and no others"

refused 3 "expected tcp or udp" "no such protocol" lbctl flow list --protocol icmp
refused 3 "expected closed" "no such state of a flow" lbctl flow count --state asleep
refused 3 "expected a duration" "no duration" lbctl flow count --idle-over long
refused 3 "expected a whole number" "no limit" lbctl flow list --limit few
session_end
checksums_are_right
finish
