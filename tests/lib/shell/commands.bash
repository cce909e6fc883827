# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Common part of the tests of all commands: the list of commands, which of them a test has covered,
# and tables of commands with their expected results. Sourced after e2e.bash.
SCHEMA=$ROOT/user/config/lbctl.schema.json

covered=$WORK/covered # commands, one per line
: >"$covered"

# All commands, one per line, as in the schema: with a hyphen between object and verb.
all_commands=$("$LBCTL" completion verbs | tr ' ' - | sort)

# The commands that answer changed or unchanged.
changing_commands=$(jq -r '."$defs" | to_entries[] | select(.value."$ref" == "#/$defs/change") | .key' "$SCHEMA" | sort)

is_among() { # COMMAND COMMANDS
	[[ $'\n'$2$'\n' == *$'\n'"$1"$'\n'* ]]
}

# Prints the command that lbctl runs with these arguments.
command_of() { # ARGUMENTS OF lbctl...
	local words=()
	while (($#)); do
		case $1 in
		--instance | --lock-timeout | --if-generation | --color) shift ;;
		-*) ;;
		*) words+=("$1") ;;
		esac
		shift
	done
	if is_among "${words[0]-}-${words[1]-}" "$all_commands"; then
		echo "${words[0]}-${words[1]}"
	else
		echo "${words[0]-}"
	fi
}

cover_command() { # COMMAND
	echo "$1" >>"$covered"
}

# all_covered WANTED TEXT: the test has covered each command of WANTED (one per line).
all_covered() {
	is "$(comm -23 <(sort -u <<<"$1") <(sort -u "$covered") | paste -sd' ')" "" "$2"
}

# --- results of commands ----------------------------------------------------------

part=balancer # the namespace that commands run in
as=()         # prefix that runs commands as another user

# Everything that a command can change: configuration, status, events, XDP programs, pins, files.
state() {
	lbctl save || true
	lbctl -j status | jq -cS 'del(.outcomes) | del(.. | (.packets?, .bytes?, .reply_packets?, .reply_bytes?))' || true
	lbctl -j events | jq length || true
	on balancer ip -j link | jq -c 'map([.ifname, .xdp.mode, .xdp.prog.name])'
	on b1 ip -j link | jq -c 'map([.ifname, .xdp.mode, .xdp.prog.name])'
	find /sys/fs/bpf -path "*/$NAME*"
	find "$WORK/files" -type f -exec cat {} +
} 2>&1

# Saves the state as the reference for the next command.
save_state() {
	state >"$WORK/before"
}

# outcome ARGUMENTS...: runs lbctl and prints its exit code, and changed, unchanged, the error id,
# or - for any other answer.
outcome() {
	local status=0 word
	on "$part" "${as[@]}" "$LBCTL" --instance "$NAME" --lock-timeout "${LIMIT_S}s" -j "$@" \
		>"$WORK/answer" 2>"$WORK/err" </dev/null || status=$?
	word=$(jq -r 'objects | .error.id // empty' "$WORK/err" 2>/dev/null)
	[[ -z $word || ! -s $WORK/answer ]] || word+=" and an answer"
	if [[ -z $word ]]; then
		word=$(jq -rs 'map(objects | .changed | select(. != null) | if . then "changed" else "unchanged" end)[0] // "-"' \
			"$WORK/answer" 2>/dev/null) || word=-
	fi
	echo "$status $word"
}

# check_outcome OUTCOME ARGUMENTS...: the outcome of a dry run, which changes nothing, and of the
# command. The dry run of the next command finds a change that a command does not report.
check_outcome() {
	local wanted=$1 verb
	shift
	verb=$(command_of "$@")
	cover_command "$verb"
	is "$(outcome --dry-run "$@")" "$wanted" "--dry-run $*"
	if ! is_among "$verb" "$changing_commands"; then
		is "$(outcome "$@")" "$wanted" "$*"
		return
	fi
	state >"$WORK/after"
	if cmp -s "$WORK/before" "$WORK/after"; then
		pass "--dry-run $* changes nothing"
	else
		fail "--dry-run $* changes nothing" "$(diff "$WORK/before" "$WORK/after")"
	fi
	is "$(outcome "$@")" "$wanted" "$*"
	[[ $wanted != "0 changed" ]] || save_state
}

check_outcomes() { # < lines of OUTCOME | ARGUMENTS
	local wanted words
	save_state
	while IFS='|' read -r wanted words; do
		read -ra words <<<"${words//FILES/$WORK/files}"
		read -r wanted <<<"$wanted"
		check_outcome "$wanted" "${words[@]}"
	done
}

write_table_files() {
	mkdir "$WORK/files"
	cat >"$WORK/files/right.yaml" <<'END'
version: 1
interfaces: [{name: front}, {name: back}]
limits: {max-services: 5, max-backends: 6, max-flows: 4096}
services:
  - {name: web, vip: 192.0.2.10:80/tcp, check: "tcp,fall=1", backends: [{address: 10.0.0.11}, {address: 10.0.0.12}]}
  - {name: dns, vip: 192.0.2.10:53/udp}
END
	printf '%s\n' '-A -t 192.0.2.10:80 -s rr' >"$WORK/files/saved"
	printf '%s\n' '-A -f 7 -s rr' >"$WORK/files/marked"
	sed 's/53.udp/53\/udp, spill: dns2/' "$WORK/files/right.yaml" >"$WORK/files/lost.yaml"
	sed 's/10.0.0.12/10.0.0.13/' "$WORK/files/right.yaml" >"$WORK/files/other.yaml"
	sed 's/check/chekc/' "$WORK/files/right.yaml" >"$WORK/files/misspelt.yaml"
	sed 's/53.udp/80\/tcp/' "$WORK/files/right.yaml" >"$WORK/files/twice.yaml"
	sed 's/max-services: 5/max-services: 1/' "$WORK/files/right.yaml" >"$WORK/files/small.yaml"
}
