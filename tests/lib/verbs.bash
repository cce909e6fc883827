# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For tests that go through all verbs: which there are, by the program's own table, and which
# of them a test has had. Sourced after e2e.bash.
SCHEMA=$ROOT/user/lbctl.schema.json

had=$WORK/had # verbs, one a line
: >"$had"

# Verbs as the schema has them: with a hyphen between object and verb.
all_verbs() {
	"$LBCTL" completion verbs | tr ' ' - | sort
}

# Those that answer whether they have changed something.
changing_verbs() {
	jq -r '."$defs" | to_entries[] | select(.value."$ref" == "#/$defs/change") | .key' "$SCHEMA" | sort
}

# verb_of ARGUMENTS...: what lbctl takes them for.
verb_of() {
	local words=()
	while (($#)); do
		case $1 in
		--instance | --lock-timeout | --if-generation | --color) shift ;;
		-*) ;;
		*) words+=("$1") ;;
		esac
		shift
	done
	if all_verbs | grep -qxF -e "${words[0]-}-${words[1]-}"; then
		echo "${words[0]}-${words[1]}"
	else
		echo "${words[0]-}"
	fi
}

had_verb() { # VERB
	echo "$1" >>"$had"
}

# all_were_had WANTED TEXT: every verb of WANTED (one a line) has had a case.
all_were_had() {
	is "$(comm -23 <(sort -u <<<"$1") <(sort -u "$had") | paste -sd' ')" "" "$2"
}
