#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A controller that does not run for some time, or has too little CPU time for its checks, does not
# attribute its own delay to the backends.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$ROOT/tests/lib/shell/controller.bash"

BACKENDS=1000
TIMEOUT_S=3 # a server that is really late that long would be marked down, which is no fault

# Time of the oldest, or newest, of all backends' last probes.
oldest_ms() {
	lbctl -j status | jq '[.services[].backends[].check.probed_ms] | min'
}

newest_ms() {
	lbctl -j status | jq '[.services[].backends[].check.probed_ms] | max'
}

all_are_probed_after() { # MILLISECONDS
	(($(oldest_ms) > $1))
}

no_backend_fell() { # WHEN
	must await 60 all_are_probed_after "$(newest_ms)"
	is "$(event_count down)" 0 "$1: no backend is marked down"
}

balancer_up --backends 1
fleet_up
fleet_configuration "$BACKENDS" "http,interval=${TIMEOUT_S}s,timeout=${TIMEOUT_S}s,fall=1" >"$WORK/web.yaml"
must lbctl apply -f "$WORK/web.yaml"
controller_start
must await 30 fleet_is_up "$BACKENDS"

# The server answers hundreds of pending probes while the controller is stopped.
server=$(pgrep -P "$(<"$(backend_directory 1)/pid")")
kill -STOP "$server"
sleep 0.6
kill -STOP "$CONTROLLER"
kill -CONT "$server"
sleep $((TIMEOUT_S + 1))
kill -CONT "$CONTROLLER"
no_backend_fell "after the controller was stopped for longer than the timeout"

# A small share of a CPU, in slices.
# shellcheck disable=SC2016 # it is for the other shell
start bash -c 'while kill -STOP "$1"; do sleep 0.096; kill -CONT "$1"; sleep 0.004; done' - "$CONTROLLER"
for round in first second; do
	no_backend_fell "with a 25th of a CPU, in the $round round"
done
stop "$STARTED"
kill -CONT "$CONTROLLER"
no_backend_fell "with enough CPU time again"
controller_stop
finish
