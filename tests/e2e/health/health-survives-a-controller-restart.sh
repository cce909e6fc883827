#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Health is stored in the instance: neither the end of a controller, in whatever way, nor the start
# of the next one marks a backend up.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up --backends 2
service 4 tcp 80 "1 1" --check "$CHECK"
controller_start
health_becomes "up up" "both backends are up" 1 2
backend_kill 1
health_becomes "down up" "one backend is down" 1 2

for how in controller_stop controller_kill; do
	$how
	is "$(health 1 2)" "down up" "$how: the backend stays down"
	is "$(fetch 20 "$(url "$VIP4")")" "b2=20" "$how: the backend gets no connection"
	before=$(probe_count 10.0.0.11)
	controller_start
	ok "$how: the next controller probes the backend" await 20 probed_since 10.0.0.11 "$((before + 4))"
	is "$(health 1 2)" "down up" "$how: the next controller keeps the backend down"
done
is "$(event_count up)" 2 "only the first probes marked backends up"
backend_revive 1
health_becomes "up up" "the backend is up when its server runs again" 1 2
finish
