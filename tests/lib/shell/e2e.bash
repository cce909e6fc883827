# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Common part of the end-to-end tests: TAP, a lab per test, lbctl in that lab, and traffic.
#
# A test checks one behaviour, and its file name is the sentence that it checks. It sources this
# file, builds a lab with balancer_up or lab_up, and ends with `finish`. All objects that it
# creates carry its name (NAME: the lab and the lbctl instance). An exit trap removes them, so
# tests run in parallel. A test that exits early prints no plan; the runner counts that as a failure.
#
# No test depends on the speed of the machine. A test waits for a condition with await or becomes,
# and compares what lbctl reports with what the test itself sent. Limits in seconds only end a test
# that hangs; they are multiplied by PATIENCE.
# shellcheck disable=SC2034 # the tests use what is set here
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
NAME=${LBCTL_TEST_NAME:-t$$}
export LBCTL_TEST_NAME=$NAME
export TEST_PATIENCE=${TEST_PATIENCE:-4}
PATIENCE=$TEST_PATIENCE
LIMIT_S=$((30 * PATIENCE)) # of a request, or of one answer in a session
LBCTL=$ROOT/build/lbctl
LAB=$ROOT/tools/lab
PEER=$ROOT/tests/lib/shell/peer.py
PINS=/sys/fs/bpf/lbctl/$NAME
WORK=$(mktemp -d)
VIP4=192.0.2.10
VIP6=2001:db8:2::10

STARTED= # process id, set by start
STATUS=  # exit status, set by reap
GOT=     # output of the last command that becomes has run
# shellcheck source=tests/lib/shell/tap.bash
source "$ROOT/tests/lib/shell/tap.bash"
# shellcheck source=tests/lib/shell/traffic.bash
source "$ROOT/tests/lib/shell/traffic.bash"

labs=()         # names of labs that are up
background=()   # process ids that this test has started
attach_flags=() # of balancer_up

# --- processes --------------------------------------------------------------

# start COMMAND...: run it in the background; sets STARTED to its process id.
start() {
	exec_in_part "$@" &
	STARTED=$!
	background+=("$STARTED")
}

# Replaces the shell, so the id of a background process is the program's own.
exec_in_part() {
	case $1 in
	on) exec nsenter --net="/run/netns/lb-$NAME-$2" -- "${@:3}" ;;
	lbctl) exec nsenter --net="/run/netns/lb-$NAME-balancer" -- "$LBCTL" --instance "$NAME" "${@:2}" ;;
	*) exec "$@" ;;
	esac
}

# Waits for the end of a background process; sets STATUS to its exit status.
reap() { # PID
	STATUS=0
	wait "$1" 2>/dev/null || STATUS=$?
	forget_process "$1"
}

stop() { # PID
	kill -TERM "$1" 2>/dev/null || true
	reap "$1"
}

stop_hard() { # PID: with SIGKILL
	kill -KILL "$1" 2>/dev/null || true
	reap "$1"
}

forget_process() { # PID
	local pid kept=()
	for pid in "${background[@]}"; do
		[[ $pid == "$1" ]] || kept+=("$pid")
	done
	background=("${kept[@]}")
}

# await SECONDS COMMAND...: repeat the command until it succeeds. Returns 1 if it does not succeed
# within SECONDS times PATIENCE.
await() {
	local end=$((SECONDS + $1 * PATIENCE))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS <= end)) || return 1
		sleep 0.02
	done
}

# becomes WANTED TEXT COMMAND...: within the time limit the command prints WANTED.
becomes() {
	local wanted=$1 text=$2
	shift 2
	await 30 outputs "$wanted" "$@" || true
	is "$GOT" "$wanted" "$text"
}

outputs() { # WANTED COMMAND...: sets GOT
	GOT=$("${@:2}" 2>&1) || true
	[[ $GOT == "$1" ]]
}

# --- lab --------------------------------------------------------------------

lab_up() { # [ARGUMENTS OF tools/lab up...]
	labs+=("$NAME")
	"$LAB" up --name "$NAME" "$@" >"$WORK/lab.out" 2>&1 || {
		note "$(<"$WORK/lab.out")"
		return 1
	}
}

lab_down() {
	must "$LAB" down --name "$NAME"
	rm -f "$WORK"/ready-*
}

# A lab with a balancer that is attached to its interfaces, without services.
balancer_up() { # [ARGUMENTS OF tools/lab up...]
	local interfaces=(front back)
	[[ " $* " != *" --one-armed "* ]] || interfaces=(front)
	lab_up "$@"
	must lbctl attach "${attach_flags[@]}" "${interfaces[@]}"
}

# for_arms FUNCTION [ARGUMENTS OF tools/lab up...]: calls FUNCTION with "two arms" and a two-armed
# balancer, then with "one arm" and a one-armed one.
for_arms() {
	local function=$1
	shift
	balancer_up "$@"
	"$function" "two arms"
	lab_down
	balancer_up --one-armed "$@"
	"$function" "one arm"
	lab_down
}

on() { # PART COMMAND...
	local part=$1
	shift
	nsenter --net="/run/netns/lb-$NAME-$part" -- "$@"
}

# The backends' namespaces: b1 b2 ...
backend_parts() {
	local path
	for path in "/run/netns/lb-$NAME-b"[0-9]*; do
		echo "${path##*-}"
	done
}

# If V is set, a failed test keeps its labs, processes and files. `tools/lab down` runs the script
# at-down, which removes what the lab itself does not know. Returns 1 if nothing is kept.
keep_labs() { # EXIT-STATUS
	local name
	[[ -n ${V-} && -d /run/lbctl-lab-$NAME ]] && (($1 != 0 || failures != 0)) || return 1
	hold_session
	cat >"/run/lbctl-lab-$NAME/at-down" <<-END
		for process in \$(grep -lszxF -e "LBCTL_TEST_NAME=$LBCTL_TEST_NAME" /proc/[0-9]*/environ); do
			kill -KILL "\$(cut -d/ -f3 <<<"\$process")"
		done 2>/dev/null
		rm -rf '$WORK' /sys/fs/bpf/lbctl/$NAME-*
	END
	for name in "${labs[@]}"; do
		note "lab kept: tools/lab shell --name $name; remove it: tools/lab down --name $name"
	done
	note "files kept: $WORK"
}

cleanup() {
	local status=$? name
	trap '' INT TERM
	set +e
	if keep_labs "$status"; then
		exit "$status"
	fi
	if ((${#background[@]})); then
		kill -TERM "${background[@]}" 2>/dev/null
		wait "${background[@]}" 2>/dev/null
	fi
	for name in "${labs[@]}"; do
		"$LAB" down --name "$name" >"$WORK/down.out" 2>&1 || note "$(<"$WORK/down.out")"
	done
	rm -rf "$WORK"
	exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- lbctl ------------------------------------------------------------------

# Attaching locks the pin root that all tests share, so the lock may be held for long.
lbctl() {
	on balancer "$LBCTL" --instance "$NAME" --lock-timeout "${LIMIT_S}s" "$@"
}

# lbctl on a backend, as an instance of its own: for decap.
lbctl_on() { # PART ARGUMENTS...
	on "$1" "$LBCTL" --instance "$NAME-$1" --lock-timeout "${LIMIT_S}s" "${@:2}"
}

# must COMMAND...: a precondition; if it fails, the test prints why and ends.
must() {
	"$@" >"$WORK/must.out" 2>&1 || {
		note "failed: $*" "$(<"$WORK/must.out")"
		exit 1
	}
}

# The configuration without counters, as comparable text.
configuration() {
	lbctl -j status | jq -cS '[.attached, [.services[] | del(.packets, .bytes, .flows, .new_flows, .reply_packets, .reply_bytes)
		| .backends |= map({address, port, state, weight, effective_weight})]]'
}

# One value of `lbctl -j ...`: value FILTER ARGUMENTS...
value() {
	local filter=$1
	shift
	lbctl -j "$@" | jq -r "$filter"
}

outcome_count() { # NAME: packets with this outcome
	value ".outcomes.$1" status
}

outcome_above() { # NAME COUNT
	(($(outcome_count "$1") > $2))
}

# Packets are traced: the flag in the pinned map that each packet tests.
is_traced() {
	(($(bpftool -j map dump pinned "$PINS/control" | jq '.[0].value[16] | ltrimstr("0x") | tonumber') == 1))
}

# shellcheck disable=SC2120 # all flags are optional
flows() { # [FILTER FLAGS OF flow count...]
	value .flows flow count "$@"
}

# A field of one backend: backend_field SERVICE BACKEND-NUMBER FIELD
backend_field() {
	value ".[] | select(.address | test(\"(\\\\.|::)1$2\$\")) | .$3" backend list "$1"
}

address_of() { # FAMILY BACKEND-NUMBER
	if [[ $1 == 4 ]]; then
		echo "10.0.0.1$2"
	else
		echo "2001:db8:3::1$2"
	fi
}

vip_of() { # FAMILY
	if [[ $1 == 4 ]]; then
		echo "$VIP4"
	else
		echo "$VIP6"
	fi
}

bracket() { # ADDRESS
	if [[ $1 == *:* ]]; then
		echo "[$1]"
	else
		echo "$1"
	fi
}

# service FAMILY PROTOCOL PORT WEIGHTS [FLAGS...]: adds the service web-FAMILY-PROTOCOL with
# backends 1, 2, ... of these weights ("5 3 1").
service() {
	local family=$1 protocol=$2 port=$3 weights=$4 weight number=0
	local name=web-$family-$protocol
	shift 4
	must lbctl service add "$name" "$(bracket "$(vip_of "$family")"):$port/$protocol" "$@"
	for weight in $weights; do
		number=$((number + 1))
		must lbctl backend add "$name" "$(address_of "$family" "$number")" --weight "$weight"
	done
}

# --- one-way forwarding, and next hops ----------------------------------------

# The VIPs on all backends, as dsr and the tunnels need them.
vips_on_backends() {
	local part
	for part in $(backend_parts); do
		must on "$part" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
		must on "$part" ip addr add "$VIP4/32" dev lo
		must on "$part" ip addr add "$VIP6/128" dev lo nodad
	done
}

decap_on_backends() { # ARGUMENTS OF decap...
	local part
	for part in $(backend_parts); do
		must lbctl_on "$part" decap "$@"
	done
}

# A controller in the background: it tracks neighbours and routes.
nexthop_tracking_start() {
	start lbctl run 2>>"$WORK/controller"
	tracker=$STARTED
	must await 20 grep -q "started, process $tracker" "$WORK/controller"
}

nexthop_tracking_end() {
	stop "$tracker"
}

# --- checksums ----------------------------------------------------------------

# Number of packets with wrong checksums that a part has received.
checksum_errors() { # PART
	on "$1" cat /proc/net/snmp /proc/net/snmp6 | awk '
		/^(Tcp|Udp|Icmp|Ip):/ {
			if ($1 in head) { n = split(head[$1], names); for (i = 2; i <= n; i++) if (names[i] == "InCsumErrors" || $1 == "Ip:" && names[i] == "InHdrErrors") sum += $i }
			else head[$1] = $0
		}
		/^(Udp6|Icmp6)InCsumErrors/ { sum += $2 }
		END { print sum + 0 }'
}

checksums_are_right() {
	local path part errors bad=
	for path in "/run/netns/lb-$NAME-"*; do
		part=${path##*-}
		errors=$(checksum_errors "$part")
		((errors == 0)) || bad+="$part:$errors "
	done
	is "$bad" "" "no packet arrived with a wrong checksum"
}
