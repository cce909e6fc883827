#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The error messages of lbctl and their exit codes are those recorded in
# tests/e2e/cli/messages.txt, and each hint is a valid command. RECORD=1 records the file again;
# tools/lint.d/messages lists messages that are missing in it.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

messages=$ROOT/tests/e2e/cli/messages.txt
holder='' connection=''

lab_up --backends 2
echo 00112233445566778899aabbccddeeff >"$WORK/key"
echo "include $WORK/loop.conf" >"$WORK/loop.conf"
printf "include $WORK/key\n%.0s" {1..300} >"$WORK/many.conf"

# --- functions that the recorded commands use -----------------------------------

# A command that is not refused as expected may run for ever.
lbctl() {
	on balancer timeout "$LIMIT_S" "$LBCTL" --instance "$NAME" --lock-timeout "${LIMIT_S}s" "$@"
}

hold() { # DIRECTORY: takes its lock
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
	read -r -t "$LIMIT_S" _ <&"${CONNECTION[0]}"
}

disconnect() {
	stop "$connection"
}

# Runs lbctl without a BPF file system.
without_bpffs() { # ARGUMENTS...
	on balancer unshare --mount bash -c "umount -l /sys && exec \"\$0\" \"\$@\"" "$LBCTL" --instance "$NAME" "$@"
}

# Configuration of IPVS and keepalived; LINES are separated by \n.
ipvsadm() { # LINES
	printf '%b\n' "$1" | lbctl import ipvsadm -f -
}

keepalived() { # LINES
	printf '%b\n' "$1" | lbctl import keepalived -f -
}

# Configuration files: COUNT services with one common backend, and a service with COUNT backends.
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

attach_foreign_program() { # INTERFACE: a program that lbctl has not attached
	ip -n "lb-$NAME-balancer" link set dev "$1" xdpdrv obj "/run/lbctl-lab-$NAME/pass.o" sec xdp
}

# --- the recording --------------------------------------------------------------

# Replaces paths and names that differ in each run.
normalize() {
	sed -e "s|$PINS|PINS|g; s|$WORK|WORK|g; s|instance $NAME|instance NAME|g; s|'$NAME'|'NAME'|g"
}

# run COMMAND: sets CODE, and the normalized MESSAGE (stderr) and PRINTED (stdout).
run() {
	local command=$1
	command=${command//WORK/$WORK}
	command=${command//PINS/$PINS}
	CODE=0
	eval "$command" >"$WORK/out" 2>"$WORK/err" </dev/null || CODE=$?
	MESSAGE=$(normalize <"$WORK/err")
	PRINTED=$(normalize <"$WORK/out")
}

# A hint is a command: one that lbctl parses in a dry run, or another installed program.
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
			((CODE == 0)) || unprepared+="$line: exit code $CODE: $MESSAGE"$'\n'
			continue
		fi
		commands=$((commands + 1))
		echo "exit code $CODE"
		[[ -z $PRINTED ]] || echo "stdout: ${PRINTED//$'\n'/$'\n'stdout: }"
		[[ -z $MESSAGE ]] || echo "$MESSAGE"
		echo
		while IFS= read -r hint; do
			hints[$hint]=$line
		done < <(sed -n 's/^hint: //p' "$WORK/err")
	done < <(grep -E '^([$%#]|$)' "$messages" | cat -s)
}
run_all_commands >"$WORK/all.txt"
cat -s "$WORK/all.txt" >"$WORK/messages.txt"

is "$unprepared" "" "commands that prepare others succeed"
if [[ -n ${RECORD-} ]]; then
	cp "$WORK/messages.txt" "$messages"
fi
is "$(diff "$messages" "$WORK/messages.txt")" "" "the messages of $commands commands are as recorded"
is "$(awk '/^\$ / { command = $0 } /^stdout: / { print command }' "$WORK/messages.txt")" "" "none prints to standard output"
is "$(awk '/^\$ / { command = $0 } /^exit code 0/ { print command }' "$WORK/messages.txt")" "" "none has exit code 0"
for hint in "${!hints[@]}"; do
	ok "a hint is a command: $hint" hint_is_a_command "$hint"
done
finish
