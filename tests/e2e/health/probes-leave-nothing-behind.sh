#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Thousands of probes of each kind need no more descriptors, memory or processes than a few.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 1

has_reports() { # LEAST
	(($(wc -l <"$WORK/reports") >= $1))
}

memory() { # PID: KiB
	awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

descriptors() { # PID
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

zombies() { # PID
	pgrep -c --parent "$1" --runstates Z || true
}

# probe_many_times COUNT SPEC: COUNT probes. The resources after them, while the process is
# stopped, are compared with those after a tenth of them.
probe_many_times() {
	local count=$1 spec=$2 pid early_memory early_descriptors
	: >"$WORK/reports"
	start lbctl -j check probe "$spec,interval=1m,timeout=1m" 10.0.0.11:80 --interval 0s --count 1000000 >"$WORK/reports"
	pid=$STARTED
	must await 60 has_reports $((count / 10))
	early_memory=$(memory "$pid") early_descriptors=$(descriptors "$pid")
	must await 60 has_reports "$count"
	kill -STOP "$pid"
	between -65536 $(($(memory "$pid") - early_memory)) 512 "$spec, $count probes: memory does not grow (KiB)"
	between -4 $(($(descriptors "$pid") - early_descriptors)) 4 "$spec: the number of descriptors does not grow"
	between 0 "$(zombies "$pid")" 1 "$spec: ended processes are reaped"
	kill -CONT "$pid"
	stop "$pid"
	is "$(grep -vc '"passed":true' "$WORK/reports")" 0 "$spec: all probes pass"
}

probe_many_times 10000 http:/healthz
probe_many_times 3000 tcp
probe_many_times 3000 ping
probe_many_times 1000 exec:/bin/true

start lbctl -j check probe "exec:/bin/sleep 4714.$$,timeout=10ms" 10.0.0.11 -i 0s -c 1000000 >"$WORK/reports"
must await 60 has_reports 50
kill -STOP "$STARTED"
between 0 "$(zombies "$STARTED")" 2 "killed processes are reaped"
kill -CONT "$STARTED"
stop "$STARTED"
finish
