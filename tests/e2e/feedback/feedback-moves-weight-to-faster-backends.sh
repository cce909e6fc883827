#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With feedback on, who takes longer to answer gets fewer new flows, by a factor that is
# explained; with observe it is only told; off drops it. A controller that is started
# again goes on from there, and no connection moves.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
serve late-http 9000
service 4 tcp 9000 "1 1 1" --feedback observe

factor() { # BACKEND-NUMBER: what feedback would do
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

ok "observe tells that the slowest would get less" await 90 below factor 3 0.8
is "$(weight 1) $(weight 2) $(weight 3)" "1 1 1" "and leaves weights alone"
must lbctl service set web-4-tcp --feedback on
ok "on: its weight goes down" await 60 below weight 3 0.7
like "$(lbctl backend show web-4-tcp 10.0.0.13)" "latency factor +x 0\.[0-9]+.*feedback .* since .*goes by .* ms, of" \
	"and is explained"
is "$(value '.[2].feedback | [has("wanted", "reason", "signals", "latency_us")] | all' backend list web-4-tcp)" true "in JSON as well"

kill -KILL "$controller"
wait "$controller" 2>/dev/null || true
forget_process "$controller"
lasting=$(weight 3)
start lbctl run -q
ok "another controller goes on from there" await 30 below factor 3 0.8
ok "its weight was $lasting, and stays low" below weight 3 0.8
must lbctl service set web-4-tcp --feedback off
is "$(weight 3)" 1 "off drops the factor at once"
for loader in "${loaders[@]}"; do
	load_end
done
no_failures "no request failed"
connections_stayed "and no connection moved"
finish
