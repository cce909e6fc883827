# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Commands of which one system call fails: what tests of that share, on top of e2e.bash.
#
# A sweep runs a command again and again, each time with another call failing (strace's
# injection). It has to say why and have changed nothing, or to have done all; and leave
# nothing that is in the way of the next one. Some of its calls are tried, evenly, and the same
# ones each time; with ALL=1 all of them.
# shellcheck disable=SC2034,SC2154 # what e2e.bash sets, and what it uses
unset NO_COLOR # main() begins by asking whether it talks to a terminal
pinned=(find /sys/fs/bpf -path "$PINS*")

# shellcheck source=tests/lib/shell/sample_configs.bash
source "$ROOT/tests/lib/shell/sample_configs.bash"

# How many different programs the interfaces run.
programs() {
	on balancer ip -j -d link show type veth | jq -r '[.[].xdp.prog.id // empty] | unique | length'
}

# All that a command may change: configuration, pins, and a file.
state() {
	local text
	text=$(configuration 2>/dev/null) || text="nothing attached"
	echo "$text"
	! lbctl --dry-run confirm >/dev/null 2>&1 || echo "a confirmation is awaited"
	"${pinned[@]}" | sort
	echo "different programs: $(programs)"
	cat "$WORK/saved.yaml" 2>/dev/null || true
}

# traced FILE COMMAND...: under strace, with its flags in $strace.
traced() {
	local log=$1
	shift
	nsenter --net="/run/netns/lb-$NAME-balancer" strace -f -qq -o "$log" "${strace[@]}" \
		"$LBCTL" --instance "$NAME" --lock-timeout 60s "$@"
}

# calls LOG: "NAME COUNT-BEFORE-MAIN COUNT" of each call that may fail and mean something; of the
# process that makes most of them, as strace counts them in each process for itself. What
# is closed and unmapped is gone in any case, brk(2) has its own way to say no, and a lock that
# another has is asked for again and again.
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

# Of the lines of standard input all, or so many that lie evenly between, from a random one on.
sample() { # COUNT
	awk -v want="$1" -v all="${ALL-}" '
		{ line[n++] = $0 }
		END {
			if (all || want > n) want = n
			for (i = 0; i < want; i++) print line[int((i + 0.5) * n / want) % n]
		}'
}

# What is wrong with how a command ended; nothing if all is well.
check_result() { # STATUS STATE CALL
	local said
	said=$(<"$WORK/err")
	if (($1 == 0)); then
		[[ $2 == "$after" ]] || echo "is said to be done, but is not"
	elif (($1 > 10)); then
		echo "ends with $1"
	elif [[ $said != "lbctl: "* && $said != *": error: "* ]]; then
		echo "gives no reason: $said"
	elif [[ $2 != "$before" && $3 != "write "* ]]; then
		# What is done is done, if only the answer could not be given.
		echo "fails, but changes something: $said; $(diff <(echo "$before") <(echo "$2") | head -n 5)"
	fi
}

# sweep COUNT BACK COMMAND...: the command with one call failing, COUNT times; the function
# BACK undoes what it does.
sweep() {
	local count=$1 back=$2 call n error status now wrong="" done=0 undone=0 complaint
	shift 2
	before=$(state)
	strace=(-e trace=all)
	must traced "$WORK/log" "$@"
	after=$(state)
	must "$back"
	is "$(state)" "$before" "$1: can be undone"
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
		[[ $(state) == "$before" ]] || wrong+="$call $n $error: leaves something for the next command"$'\n'
	done < <(calls "$WORK/log" | while read -r call n total; do
		for ((n++; n <= total; n++)); do
			errors=(EPERM ENOMEM EIO ENOSPC)
			echo "$call $n ${errors[n % 4]}"
		done
	done | sample "$count")
	is "$wrong" "" "$*: all or nothing, whichever call fails"
	note "$undone times nothing, $done times all"
	strace=(-e trace=none)
	ok "$1 still works" traced "$WORK/log" "$@"
	must "$back"
}

restore_a() {
	lbctl --lock-timeout 60s apply -f "$WORK/a.yaml" --prune --reset-runtime --force
}
