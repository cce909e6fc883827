#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A controller that does not run for a while, or gets a part of a processor that is too small for
# its checks, does not take its own lateness for that of backends.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$ROOT/tests/lib/shell/controller.bash"

BACKENDS=1000

down_events() {
	lbctl -j events | jq '[.[] | select(.event == "down")] | length'
}

# When that backend was probed whose last probe is the oldest.
oldest_ms() {
	lbctl -j status | jq '[.services[].backends[].check.probed_ms] | min'
}

all_are_probed_after() { # MILLISECONDS
	(($(oldest_ms) > $1))
}

newest_ms() {
	lbctl -j status | jq '[.services[].backends[].check.probed_ms] | max'
}

no_backend_fell() { # WHEN
	is "$(down_events)" 0 "$1: no backend is taken for down"
}

lab_up --backends 1
fleet_up
must lbctl attach front back
fleet_configuration "$BACKENDS" http,interval=1s,timeout=1s,fall=1 >"$WORK/web.yaml"
must lbctl apply -f "$WORK/web.yaml"
controller_start
must await 30 fleet_is_up "$BACKENDS"

# Hundreds of probes wait for an answer, which comes while nobody looks.
server=$(pgrep -P "$(<"$(backend_directory 1)/pid")")
kill -STOP "$server"
sleep 0.4
kill -STOP "$CONTROLLER"
kill -CONT "$server"
sleep 2
kill -CONT "$CONTROLLER"
must await 30 all_are_probed_after "$(newest_ms)"
no_backend_fell "after two seconds in which the controller did not run"

# A tenth of a processor, in slices.
# shellcheck disable=SC2016 # it is for the other shell
start bash -c 'while kill -STOP "$1"; do sleep 0.045; kill -CONT "$1"; sleep 0.005; done' - "$CONTROLLER"
for ((round = 1; round <= 2; round++)); do
	must await 60 all_are_probed_after "$(newest_ms)"
	no_backend_fell "with a tenth of a processor, when all were probed for the ${round}. time"
done
stop "$STARTED"
kill -CONT "$CONTROLLER"
must await 30 all_are_probed_after "$(newest_ms)"
no_backend_fell "with all of it again"
controller_stop
finish
