#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What lbctl says when something is wrong is what tests/e2e/cli/messages.txt has, word by word:
# exit code and message of each of its commands. Hints are commands that lbctl understands.
# RECORD=1 writes the file anew; tools/lint.d/messages tells what messages are not in it.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

messages=$ROOT/tests/e2e/cli/messages.txt
holder='' connection=''

lab_up --backends 2
echo 00112233445566778899aabbccddeeff >"$WORK/key"
echo "include $WORK/loop.conf" >"$WORK/loop.conf"
printf "include $WORK/key\n%.0s" {1..300} >"$WORK/many.conf"

# --- what the file's commands are made of -------------------------------------

# What should be refused and is not may go on for ever.
lbctl() {
	on balancer timeout 60 "$LBCTL" --instance "$NAME" "$@"
}

hold() { # DIRECTORY: its lock
	exec {holder}<"$1"
	flock -x "$holder"
}

release() {
	exec {holder}<&-
}

as_nobody() { # ARGUMENTS...
	on balancer setpriv --reuid 65534 --regid 65534 --clear-groups "$LBCTL" --instance "$NAME" "$@"
}

lbctl_runs() {
	lbctl -j status | jq -e .controller.running
}

connect() { # ADDRESS PORT
	coproc CONNECTION {
		exec nsenter --net="/run/netns/lb-$NAME-client" -- bash -c "exec 3<>/dev/tcp/$1/$2; echo open; read -r"
	}
	connection=$CONNECTION_PID
	background+=("$connection")
	read -r -t 20 _ <&"${CONNECTION[0]}"
}

disconnect() {
	stop "$connection"
}

# Where nobody has mounted a BPF file system.
without_bpffs() { # ARGUMENTS...
	on balancer unshare --mount bash -c "umount -l /sys && exec \"\$0\" \"\$@\"" "$LBCTL" --instance "$NAME" "$@"
}

# Files of others: lines with \n between.
ipvsadm() { # LINES
	printf '%b\n' "$1" | lbctl import ipvsadm -f -
}

keepalived() { # LINES
	printf '%b\n' "$1" | lbctl import keepalived -f -
}

# Files: services that all have the same backend, and one with many.
shared_backend_config() { # COUNT
	echo "{version: 1, services: ["
	printf "  {name: s%d, vip: \"192.0.2.200:%d/tcp\"},\n" "$1" "$1"
	for ((i = 1; i < $1; i++)); do
		echo "  {name: s$i, vip: \"192.0.2.200:$i/tcp\", backends: [{address: \"10.0.0.11:65\"}]},"
	done
	echo "]}"
}

many_backends_config() { # COUNT
	echo "{version: 1, services: [{name: crowd, vip: \"192.0.2.201:80/tcp\", backends: ["
	for ((i = 0; i < $1; i++)); do
		echo "  {address: 10.8.$((i / 250)).$((i % 250 + 1))},"
	done
	echo "]}]}"
}

attach_foreign_program() { # INTERFACE: a program that is not ours
	ip -n "lb-$NAME-balancer" link set dev "$1" xdpdrv obj "/run/lbctl-lab-$NAME/pass.o" sec xdp
}

# --- the file -----------------------------------------------------------------

# What differs from run to run has a name.
normalize() {
	sed -e "s|$PINS|PINS|g; s|$WORK|WORK|g; s|instance $NAME|instance NAME|g; s|'$NAME'|'NAME'|g"
}

# run COMMAND: sets STATUS, SAID and PRINTED.
run() {
	local command=$1
	command=${command//WORK/$WORK}
	command=${command//PINS/$PINS}
	STATUS=0
	eval "$command" >"$WORK/out" 2>"$WORK/err" </dev/null || STATUS=$?
	SAID=$(normalize <"$WORK/err")
	PRINTED=$(normalize <"$WORK/out")
}

# A hint is a command: of ours one that is read (and not done), of others one that there is.
hint_is_a_command() { # HINT
	local words status=0
	read -ra words <<<"${1#sudo }"
	if [[ ${words[0]} != lbctl ]]; then
		type -P "${words[0]}" >/dev/null
		return
	fi
	"$LBCTL" --dry-run "${words[@]:1}" >/dev/null 2>"$WORK/hint" </dev/null || status=$?
	((status != 2))
}

declare -A hints
commands=0 unprepared=""
run_all_commands() {
	local line hint
	while IFS= read -r line; do
		echo "$line"
		[[ $line == '$ '* || $line == '% '* ]] || continue
		run "${line:2}"
		if [[ $line == '% '* ]]; then
			((STATUS == 0)) || unprepared+="$line: exit code $STATUS: $SAID"$'\n'
			continue
		fi
		commands=$((commands + 1))
		echo "exit code $STATUS"
		[[ -z $PRINTED ]] || echo "stdout: ${PRINTED//$'\n'/$'\n'stdout: }"
		[[ -z $SAID ]] || echo "$SAID"
		echo
		while IFS= read -r hint; do
			hints[$hint]=$line
		done < <(sed -n 's/^hint: //p' "$WORK/err")
	done < <(grep -E '^([$%#]|$)' "$messages" | cat -s)
}
run_all_commands >"$WORK/all.txt"
cat -s "$WORK/all.txt" >"$WORK/messages.txt"

is "$unprepared" "" "what prepares for others succeeds"
if [[ -n ${RECORD-} ]]; then
	cp "$WORK/messages.txt" "$messages"
fi
is "$(diff "$messages" "$WORK/messages.txt")" "" "$commands wrong commands are answered as recorded"
is "$(awk '/^\$ / { command = $0 } /^stdout: / { print command }' "$WORK/messages.txt")" "" "none prints anything else"
is "$(awk '/^\$ / { command = $0 } /^exit code 0/ { print command }' "$WORK/messages.txt")" "" "each has an exit code that says so"
for hint in "${!hints[@]}"; do
	ok "a command: $hint" hint_is_a_command "$hint"
done
finish
