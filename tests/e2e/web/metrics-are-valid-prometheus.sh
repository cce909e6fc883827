#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# metrics tells what status tells, in the form that Prometheus reads.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

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
not_ok "which it would" promtool check metrics <"$WORK/wrong"

# --- response times, checks, what is spilled ---
must lbctl service set web-4-tcp --feedback observe --check tcp
must lbctl service add spare '[2001:db8:2::11]:80/tcp'
must lbctl backend add spare 2001:db8:3::12
must lbctl service set web-6-tcp --spill spare
must lbctl backend maint web-6-tcp 2001:db8:3::11
fetch 6 "$(url "$VIP6")" >"$WORK/tally"
fetch 40 "$(url "$VIP4")" >"$WORK/tally"
must lbctl check web-4-tcp
lbctl metrics >"$WORK/metrics"
ok "promtool still finds nothing to object to" promtool check metrics <"$WORK/metrics"
b1='service="web-4-tcp",backend="10.0.0.11:80"'
timed=$(backend_field web-4-tcp 1 latency_us.samples)
between 10 "$timed" 100 "answers are timed"
is "$(metric "lbctl_backend_response_seconds_count{$b1}") $(metric "lbctl_backend_response_seconds_bucket{$b1,le=\"+Inf\"}")" \
	"$timed $timed" "all of them are counted"
# shellcheck disable=SC2016 # awk's, not the shell's
ok "each bucket has what those before it have" awk -v b1="$b1" '
	index($0, "lbctl_backend_response_seconds_bucket{" b1) == 1 { lines++; if ($NF < last) exit 1; last = $NF }
	END { exit lines != 21 }' "$WORK/metrics"
mean=$(awk -v b1="$b1" 'index($0, "lbctl_backend_response_seconds_sum{" b1) == 1 { sum = $NF }
	index($0, "lbctl_backend_response_seconds_count{" b1) == 1 { printf "%.0f", sum / $NF * 1e6 }' "$WORK/metrics")
is "$mean" "$(backend_field web-4-tcp 1 latency_us.mean)" "their mean is what status says"
not_ok "who is not timed has none" grep -q 'response_seconds.*web-6-tcp' "$WORK/metrics"
is "$(metric "lbctl_backend_checks_total{$b1}") $(metric "lbctl_backend_check_failures_total{$b1}") $(metric "lbctl_backend_up{$b1}")" \
	"1 0 1" "checks are counted"
is "$(metric "lbctl_backend_feedback_factor{$b1}") $(metric "lbctl_backend_slow_start_factor{$b1}")" "1 1" "factors are told"
is "$(metric 'lbctl_service_spilled_new_flows_total{service="web-6-tcp"}') $(metric 'lbctl_service_spilled_new_flows_total{service="spare"}')" \
	"6 0" "what is spilled"
is "$(metric lbctl_events_total)" "$(lbctl -j events | jq length)" "and how many events there were"
is "$(metric lbctl_controller_running)" 0 "there is no controller"

prints 0 "" "to a file" lbctl metrics --textfile "$WORK/lbctl.prom"
is "$(grep -c . "$WORK/lbctl.prom") $(stat -c %a "$WORK/lbctl.prom")" "$(grep -c . "$WORK/metrics") 644" "the same, for all to read"
refused 9 "No such file" "which must have a place" lbctl metrics --textfile "$WORK/nosuch/lbctl.prom"
finish
