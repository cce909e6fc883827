# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For tests that go through all verbs: which there are, by the program's own table, and which
# of them a test has had. Sourced after e2e.bash.
SCHEMA=$ROOT/user/config/lbctl.schema.json

covered=$WORK/covered # verbs, one a line
: >"$covered"

# Verbs as the schema has them, one a line: with a hyphen between object and verb.
all_commands=$("$LBCTL" completion verbs | tr ' ' - | sort)

# Those that answer whether they have changed something.
changing_commands=$(jq -r '."$defs" | to_entries[] | select(.value."$ref" == "#/$defs/change") | .key' "$SCHEMA" | sort)

is_among() { # VERB VERBS
	[[ $'\n'$2$'\n' == *$'\n'"$1"$'\n'* ]]
}

# command_of ARGUMENTS...: what lbctl takes them for.
command_of() {
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

cover_command() { # VERB
	echo "$1" >>"$covered"
}

# all_covered WANTED TEXT: every verb of WANTED (one a line) has had a case.
all_covered() {
	is "$(comm -23 <(sort -u <<<"$1") <(sort -u "$covered") | paste -sd' ')" "" "$2"
}

# --- what commands come to ----------------------------------------------------

part=balancer # where commands are run
as=()         # by whom

# All that a command could change: what is set, seen and pinned, what happened, and our files.
state() {
	lbctl save || true
	lbctl -j status | jq -cS 'del(.outcomes) | del(.. | (.packets?, .bytes?, .reply_packets?, .reply_bytes?))' || true
	lbctl -j events | jq length || true
	on balancer ip -j link | jq -c 'map([.ifname, .xdp.mode, .xdp.prog.name])'
	on b1 ip -j link | jq -c 'map([.ifname, .xdp.mode, .xdp.prog.name])'
	find /sys/fs/bpf -path "*/$NAME*"
	find "$WORK/files" -type f -exec cat {} +
} 2>&1

# What has happened meanwhile is no command's doing.
save_state() {
	state >"$WORK/before"
}

# outcome WORDS...: exit status, and what it came to: changed, unchanged, the error's id, or -.
outcome() {
	local status=0 word
	on "$part" "${as[@]}" "$LBCTL" --instance "$NAME" --lock-timeout 60s -j "$@" >"$WORK/said" 2>"$WORK/err" </dev/null || status=$?
	word=$(jq -r 'objects | .error.id // empty' "$WORK/err" 2>/dev/null)
	[[ -z $word || ! -s $WORK/said ]] || word+=" and an answer"
	if [[ -z $word ]]; then
		word=$(jq -rs 'map(objects | .changed | select(. != null) | if . then "changed" else "unchanged" end)[0] // "-"' \
			"$WORK/said" 2>/dev/null) || word=-
	fi
	echo "$status $word"
}

# check_outcome OUTCOME WORDS...: dry, and in earnest. What a command changes that says that it does
# not is found out by the next.
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
		pass "which changes nothing"
	else
		fail "which changes nothing" "$(diff "$WORK/before" "$WORK/after")"
	fi
	is "$(outcome "$@")" "$wanted" "$*"
	[[ $wanted != "0 changed" ]] || save_state
}

# A table of OUTCOME | WORDS.
check_outcomes() {
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
