# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Common part of the doctor's tests: a test makes a fault, the doctor finds it, the printed remedy
# fixes it, and the doctor does not find it any more. Sourced after e2e.bash.

# All findings as JSON; the exit status is ignored.
diagnose() { # [ARGUMENTS OF doctor...]
	lbctl -j doctor "$@" || true
}

# The findings with an id: severity, interface, service and backend, a line each.
findings() { # ID [ARGUMENTS OF doctor...]
	local id=$1
	shift
	diagnose "$@" | jq -r --arg id "$id" \
		'.[] | select(.id == $id) | [.severity, .interface, .service, .backend] | map(. // "-") | join(" ")'
}

remedy_of() { # ID [ARGUMENTS OF doctor...]
	local id=$1
	shift
	diagnose "$@" | jq -r --arg id "$id" 'first(.[] | select(.id == $id)).remedy'
}

# Runs a remedy in a shell, as an operator does.
run_remedy() { # PART REMEDY
	PATH=$ROOT/build:$PATH on "$1" bash -c "${2##*: }"
}

problem_ids() {
	diagnose | jq -r '[.[] | select(.severity != "note") | .id] | join(" ")'
}

# check_finding WANTED ID TEXT [ARGUMENTS OF doctor...]: the doctor soon has exactly these
# findings with this id, as findings prints them. "" = none.
check_finding() {
	local wanted=$1 id=$2 text=$3
	shift 3
	becomes "$wanted" "$id: $text" findings "$id" "$@"
}

# remedy_fixes PART ID [ARGUMENTS OF doctor...]: the printed remedy runs, and fixes the fault.
remedy_fixes() {
	local part=$1 id=$2 remedy
	shift 2
	remedy=$(remedy_of "$id" "$@")
	ok "$id: the remedy runs ($remedy)" run_remedy "$part" "$remedy"
	check_finding "" "$id" "the remedy fixes the fault" "$@"
}
