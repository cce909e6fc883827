#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With feedback on, a backend with longer response times gets fewer new flows, through a weight
# factor that `backend show` explains. "observe" only computes the factor, and "off" drops it. A
# restarted controller continues with the factor. No connection moves.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
serve late-http 9000
service 4 tcp 9000 "1 1 1" --feedback observe

factor() { # BACKEND-NUMBER: the factor that feedback computes
	backend_field web-4-tcp "$1" feedback.factor
}
weight() { # BACKEND-NUMBER
	backend_field web-4-tcp "$1" effective_weight
}
below() { # COMMAND NUMBER BOUND
	awk -v got="$("$1" "$2")" -v bound="$3" 'BEGIN { exit !(got != "null" && got < bound) }'
}

start lbctl run -q
controller=$STARTED
load "$VIP4" 9000 --keep 2 --new 4
loaders=("$loader")
for _ in 1 2 3 4 5; do
	load "$VIP4" 9000 --new 4
	loaders+=("$loader")
done

ok "observe: the slowest backend gets a factor below 0.8" await 60 below factor 3 0.8
is "$(weight 1) $(weight 2) $(weight 3)" "1 1 1" "observe: weights do not change"
must lbctl service set web-4-tcp --feedback on
ok "on: the slowest backend's weight decreases" await 60 below weight 3 0.7
like "$(lbctl backend show web-4-tcp 10.0.0.13)" "latency factor +x 0\.[0-9]+.*feedback .* for .*measured .* ms, [0-9]+ responses" \
	"backend show explains the factor"
is "$(value '.[2].feedback | [has("wanted", "reason", "signals", "latency_us")] | all' backend list web-4-tcp)" true "JSON output explains it as well"

stop_hard "$controller"
lasting=$(weight 3)
start lbctl run -q
ok "a restarted controller continues with the factor" await 30 below factor 3 0.8
ok "the weight, $lasting before the restart, is still low" below weight 3 0.8
must lbctl service set web-4-tcp --feedback off
is "$(weight 3)" 1 "off: the factor is dropped at once"
for loader in "${loaders[@]}"; do
	load_end
done
no_failures "no request fails"
connections_stayed "no connection moves"
finish
