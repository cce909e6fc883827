# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What tests of the doctor share: a fault is made, found, mended by what the doctor prints, and
# found no more. Sourced after e2e.bash.

# All findings, as JSON; the exit status is of no interest here.
diagnose() { # [ARGUMENTS OF doctor...]
	lbctl -j doctor "$@" || true
}

# The findings of an id: its severity, interface, service and backend, a line each.
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

# Runs a remedy as an operator would, in a shell.
run_remedy() { # PART REMEDY
	PATH=$ROOT/build:$PATH on "$1" bash -c "${2##*: }"
}

problem_ids() {
	diagnose | jq -r '[.[] | select(.severity != "note") | .id] | join(" ")'
}

# check_finding WANTED ID TEXT [ARGUMENTS OF doctor...]: WANTED as findings prints it.
check_finding() {
	local wanted=$1 id=$2 text=$3
	shift 3
	is "$(findings "$id" "$@")" "$wanted" "$id: $text"
}

# remedy_fixes PART ID [ARGUMENTS OF doctor...]: the remedy helps.
remedy_fixes() {
	local part=$1 id=$2 remedy
	shift 2
	remedy=$(remedy_of "$id" "$@")
	ok "$id: the remedy runs ($remedy)" run_remedy "$part" "$remedy"
	is "$(findings "$id" "$@")" "" "$id: and mends it"
}
