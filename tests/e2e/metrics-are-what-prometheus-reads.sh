#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# metrics tells what status tells, in the form that Prometheus reads.
# shellcheck source=tests/lib/e2e.bash
source "$(dirname "$0")/../lib/e2e.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "5 3"
service 6 tcp 80 "1 1"
fetch 8 "$(url "$VIP4")" >"$WORK/tally"
must lbctl backend drain web-6-tcp 2001:db8:3::12

metric() { # NAME{LABELS}
	awk -v name="$1" 'index($0, name " ") == 1 { print $NF }' "$WORK/metrics"
}
lbctl metrics >"$WORK/metrics"
is "$(metric 'lbctl_backend_new_flows_total{service="web-4-tcp",backend="10.0.0.11:80"}')" 5 "a backend's new flows"
is "$(metric 'lbctl_service_new_flows_total{service="web-4-tcp"}')" 8 "a service's"
is "$(metric 'lbctl_backend_packets_total{service="web-4-tcp",backend="10.0.0.12:80"}')" \
	"$(backend_field web-4-tcp 2 packets)" "packets as status has them"
is "$(metric 'lbctl_backend_ready{service="web-6-tcp",backend="[2001:db8:3::12]:80"}')" 0 "who is drained is not ready"
is "$(metric 'lbctl_backend_effective_weight{service="web-6-tcp",backend="[2001:db8:3::12]:80"}')" 0 "and has no weight"
is "$(metric 'lbctl_interface_attached{interface="front",mode="native"}')" 1 "interfaces"
is "$(metric 'lbctl_packets_total{outcome="forwarded"}')" "$(value .outcomes.forwarded status)" "outcomes"
ok "promtool finds nothing to object to" promtool check metrics <"$WORK/metrics"
sed 's/counter/kounter/' "$WORK/metrics" >"$WORK/wrong"
nok "which it would" promtool check metrics <"$WORK/wrong"

says 0 "" "to a file" lbctl metrics --textfile "$WORK/lbctl.prom"
is "$(grep -c . "$WORK/lbctl.prom") $(stat -c %a "$WORK/lbctl.prom")" "$(grep -c . "$WORK/metrics") 644" "the same, for all to read"
refused 9 "No such file" "which must have a place" lbctl metrics --textfile "$WORK/nosuch/lbctl.prom"
finish
