# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lbctl killed at random times. Sourced after e2e.bash.

declare -A kill_range_us # by command: limit of the delay before the kill

# Runs lbctl, which must succeed. Later runs are killed within 5/4 of its duration.
measure_for_kills() { # ARGUMENTS...
	local started=${EPOCHREALTIME/[.,]/}
	must lbctl "$@"
	kill_range_us[$1]=$(((${EPOCHREALTIME/[.,]/} - started) * 5 / 4))
}

# Runs lbctl and kills it after a random time, unless it ends first. The range of that time follows
# the machine: it grows after a kill and shrinks after a run that was not killed, so that about
# three of four runs are killed at any speed.
run_and_kill() { # ARGUMENTS...
	local range=${kill_range_us[$1]} delay status=0
	delay=$(((RANDOM * 32768 + RANDOM) % range + 1))
	printf -v delay '%d.%06d' $((delay / 1000000)) $((delay % 1000000))
	{
		timeout -s KILL "$delay" nsenter --net="/run/netns/lb-$NAME-balancer" \
			"$LBCTL" --instance "$NAME" "$@" || status=$?
	} >/dev/null 2>&1 # including what the shell prints about the killed process
	if ((status == 137)); then
		kill_range_us[$1]=$((range * 9 / 8 + 100))
	else
		kill_range_us[$1]=$((range * 2 / 3 + 100))
	fi
}
