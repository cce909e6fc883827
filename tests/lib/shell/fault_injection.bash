# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Commands with one failing system call. Sourced after e2e.bash.
#
# A sweep runs a command repeatedly; each time another system call fails (strace injects the error).
# The command must either report an error and change nothing, or succeed completely. In both cases
# the next command must work. A sweep tries an even sample of the calls, the same ones in each run;
# with ALL=1 it tries all.
# shellcheck disable=SC2034,SC2154 # what e2e.bash sets, and what it uses
unset NO_COLOR # main() starts with the test for a terminal
pinned=(find /sys/fs/bpf -path "$PINS*")

# shellcheck source=tests/lib/shell/sample_configs.bash
source "$ROOT/tests/lib/shell/sample_configs.bash"

# Number of different programs on the interfaces.
programs() {
	on balancer ip -j -d link show type veth | jq -r '[.[].xdp.prog.id // empty] | unique | length'
}

# Everything that a command can change: configuration, pins, and a file.
state() {
	local text
	text=$(configuration 2>/dev/null) || text="nothing attached"
	echo "$text"
	! lbctl --dry-run confirm >/dev/null 2>&1 || echo "a confirmation is pending"
	"${pinned[@]}" | sort
	echo "different programs: $(programs)"
	cat "$WORK/saved.yaml" 2>/dev/null || true
}

# traced FILE ARGUMENTS OF lbctl...: under strace, with the flags in $strace.
traced() {
	local log=$1
	shift
	nsenter --net="/run/netns/lb-$NAME-balancer" strace -f -qq -o "$log" "${strace[@]}" \
		"$LBCTL" --instance "$NAME" --lock-timeout "${LIMIT_S}s" "$@"
}

# calls LOG: "NAME COUNT-BEFORE-MAIN COUNT" for each system call that has an effect if it fails, of the
# process that makes most of them (strace counts per process). Left out: close(2) and munmap(2),
# which release in any case; brk(2), which reports errors differently; and attempts at a lock that
# another process holds, which lbctl repeats.
calls() {
	awk '
		NR == 1 { first = $1 }
		{ process = $1; sub(/^[0-9]+ +/, ""); name = $0; sub(/\(.*/, "", name) }
		name !~ /^[a-z_0-9]+$/ || /^[a-z_0-9]+ / || /^flock.* EAGAIN /{ next }
		/^ioctl\(1, TCGETS/ && !begun { begun = 1 }
		process == first && !begun { before[name]++ }
		++count[process, name] > total[name] { total[name] = count[process, name] }
		END {
			for (name in total)
				if (name !~ /^(brk|close|munmap|exit_group|clock_nanosleep|nanosleep|rt_sig.*|futex)$/)
					if (total[name] > before[name]) print name, before[name] + 0, total[name]
		}' "$1" | sort
}

# COUNT evenly spaced lines of the standard input; all of them if ALL is set.
sample() { # COUNT
	awk -v want="$1" -v all="${ALL-}" '
		{ line[n++] = $0 }
		END {
			if (all || want > n) want = n
			for (i = 0; i < want; i++) print line[int((i + 0.5) * n / want) % n]
		}'
}

# Prints what is wrong with the result of a command; nothing if the result is right.
check_result() { # STATUS STATE CALL
	local message
	message=$(<"$WORK/err")
	if (($1 == 0)); then
		[[ $2 == "$after" ]] || echo "reports success, but the change is not complete"
	elif (($1 > 10)); then
		echo "exit status $1"
	elif [[ $message != "lbctl: "* && $message != *": error: "* ]]; then
		echo "reports no reason: $message"
	elif [[ $2 != "$before" && $3 != "write "* ]]; then
		# A complete change with a failed write of the answer is allowed.
		echo "fails, but changes something: $message; $(diff <(echo "$before") <(echo "$2") | head -n 5)"
	fi
}

# sweep COUNT BACK ARGUMENTS OF lbctl...: the command with one failing call, COUNT times; the
# function BACK undoes its change.
sweep() {
	local count=$1 back=$2 call n error status now wrong="" done=0 undone=0 complaint
	shift 2
	before=$(state)
	strace=(-e trace=all)
	must traced "$WORK/log" "$@"
	after=$(state)
	must "$back"
	is "$(state)" "$before" "$1: the test can undo it"
	while read -r call n error; do
		strace=(--seccomp-bpf -e "trace=$call" -e "inject=$call:error=$error:when=$n")
		status=0
		traced "$WORK/log" "$@" >"$WORK/out" 2>"$WORK/err" || status=$?
		now=$(state)
		complaint=$(check_result "$status" "$now" "$call $n")
		[[ -z $complaint ]] || wrong+="$call $n $error: $complaint"$'\n'
		if [[ $now == "$before" ]]; then
			undone=$((undone + 1))
			continue
		fi
		done=$((done + 1))
		must "$back"
		[[ $(state) == "$before" ]] || wrong+="$call $n $error: the next command does not work"$'\n'
	done < <(calls "$WORK/log" | while read -r call n total; do
		for ((n++; n <= total; n++)); do
			errors=(EPERM ENOMEM EIO ENOSPC)
			echo "$call $n ${errors[n % 4]}"
		done
	done | sample "$count")
	is "$wrong" "" "$*: a failing call makes it change all or nothing"
	note "no change $undone times, a complete change $done times"
	strace=(-e trace=none)
	ok "$1 still works" traced "$WORK/log" "$@"
	must "$back"
}

restore_a() {
	lbctl apply -f "$WORK/a.yaml" --prune --reset-runtime --force
}
