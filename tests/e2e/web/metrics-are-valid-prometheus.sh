#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# metrics prints the values of status in the format of Prometheus.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
service 4 tcp 80 "5 3"
service 6 tcp 80 "1 1"
must fetch 8 "$(url "$VIP4")"
must lbctl backend drain web-6-tcp 2001:db8:3::12

metric() { # NAME{LABELS}
	awk -v name="$1" 'index($0, name " ") == 1 { print $NF }' "$WORK/metrics"
}
# The last connections may still be closing: until no packet is counted between the two readings.
packets_agree() {
	lbctl metrics >"$WORK/metrics"
	lbctl -j status >"$WORK/status"
	[[ $(metric 'lbctl_backend_packets_total{service="web-4-tcp",backend="10.0.0.12:80"}') == \
		"$(jq '.services[] | select(.name == "web-4-tcp").backends[1].packets' "$WORK/status")" ]] &&
		[[ $(metric 'lbctl_packets_total{outcome="forwarded"}') == "$(jq .outcomes.forwarded "$WORK/status")" ]]
}
ok "packets and outcomes match status" await 20 packets_agree
is "$(metric 'lbctl_backend_new_flows_total{service="web-4-tcp",backend="10.0.0.11:80"}')" 5 "a backend has its new flows"
is "$(metric 'lbctl_service_new_flows_total{service="web-4-tcp"}')" 8 "a service has its new flows"
is "$(metric 'lbctl_backend_ready{service="web-6-tcp",backend="[2001:db8:3::12]:80"}')" 0 "a draining backend is not ready"
is "$(metric 'lbctl_backend_effective_weight{service="web-6-tcp",backend="[2001:db8:3::12]:80"}')" 0 "a draining backend has an effective weight of 0"
is "$(metric 'lbctl_interface_attached{interface="front",mode="native"}')" 1 "attached interfaces are reported"
ok "promtool accepts the metrics" promtool check metrics <"$WORK/metrics"
sed 's/counter/kounter/' "$WORK/metrics" >"$WORK/wrong"
not_ok "promtool does not accept a wrong type" promtool check metrics <"$WORK/wrong"

# --- response times, checks, spillover ---
must lbctl service set web-4-tcp --feedback observe --check tcp,interval=1m,timeout=1m
must lbctl service add spare '[2001:db8:2::11]:80/tcp'
must lbctl backend add spare 2001:db8:3::12
must lbctl service set web-6-tcp --spill spare
must lbctl backend maint web-6-tcp 2001:db8:3::11
must fetch 6 "$(url "$VIP6")"
must fetch 40 "$(url "$VIP4")"
must lbctl check web-4-tcp
lbctl metrics >"$WORK/metrics"
ok "promtool accepts response times" promtool check metrics <"$WORK/metrics"
b1='service="web-4-tcp",backend="10.0.0.11:80"'
timed=$(backend_field web-4-tcp 1 latency_us.samples)
between 10 "$timed" 100 "response times are sampled"
is "$(metric "lbctl_backend_response_seconds_count{$b1}") $(metric "lbctl_backend_response_seconds_bucket{$b1,le=\"+Inf\"}")" \
	"$timed $timed" "the histogram counts all samples"
# shellcheck disable=SC2016 # awk's, not the shell's
ok "buckets are cumulative" awk -v b1="$b1" '
	index($0, "lbctl_backend_response_seconds_bucket{" b1) == 1 { lines++; if ($NF < last) exit 1; last = $NF }
	END { exit lines != 21 }' "$WORK/metrics"
mean=$(awk -v b1="$b1" 'index($0, "lbctl_backend_response_seconds_sum{" b1) == 1 { sum = $NF }
	index($0, "lbctl_backend_response_seconds_count{" b1) == 1 { printf "%.0f", sum / $NF * 1e6 }' "$WORK/metrics")
is "$mean" "$(backend_field web-4-tcp 1 latency_us.mean)" "their mean matches status"
not_ok "a service without feedback has no histogram" grep -q 'response_seconds.*web-6-tcp' "$WORK/metrics"
is "$(metric "lbctl_backend_checks_total{$b1}") $(metric "lbctl_backend_check_failures_total{$b1}") $(metric "lbctl_backend_up{$b1}")" \
	"1 0 1" "probes are counted"
is "$(metric "lbctl_backend_feedback_factor{$b1}") $(metric "lbctl_backend_slow_start_factor{$b1}")" "1 1" "weight factors are reported"
is "$(metric 'lbctl_service_spilled_new_flows_total{service="web-6-tcp"}') $(metric 'lbctl_service_spilled_new_flows_total{service="spare"}')" \
	"6 0" "spilled flows are counted"
is "$(metric lbctl_events_total)" "$(lbctl -j events | jq length)" "events are counted"
is "$(metric lbctl_controller_running)" 0 "a missing controller is reported"

prints 0 "" "--textfile writes a file" lbctl metrics --textfile "$WORK/lbctl.prom"
is "$(grep -c . "$WORK/lbctl.prom") $(stat -c %a "$WORK/lbctl.prom")" "$(grep -c . "$WORK/metrics") 644" "the file has the same lines and is readable by all"
refused 9 "No such file" "--textfile needs an existing directory" lbctl metrics --textfile "$WORK/nosuch/lbctl.prom"
finish
