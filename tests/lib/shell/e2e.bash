# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What end-to-end tests share: TAP, a lab of their own, lbctl in it, and traffic.
#
# A test is one behaviour, and its file's name is the sentence. It sources this
# file, builds a lab by lab_up, and says at its end `finish`. Everything that it
# makes carries its name (NAME: the lab, lbctl's instance), goes away by an exit
# trap, and so runs beside any other. A test that dies early prints no plan, and
# the runner counts that as a failure.
# shellcheck disable=SC2034 # the tests use what is set here
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
NAME=${LBCTL_TEST_NAME:-t$$}
export LBCTL_TEST_NAME=$NAME
LBCTL=$ROOT/build/lbctl
LAB=$ROOT/tools/lab
PEER=$ROOT/tests/lib/shell/peer.py
PINS=/sys/fs/bpf/lbctl/$NAME
WORK=$(mktemp -d)
VIP4=192.0.2.10
VIP6=2001:db8:2::10

STARTED= # by start
RECEIVED= # of session_send
loader= # process of load
tracker= # process of nexthop_tracking_start
# shellcheck source=tests/lib/shell/tap.bash
source "$ROOT/tests/lib/shell/tap.bash"

labs=()       # names of labs that are up
background=() # processes that are ours

# --- processes --------------------------------------------------------------

# start COMMAND...: in the background; sets STARTED to its id.
start() {
	exec_in_part "$@" &
	STARTED=$!
	background+=("$STARTED")
}

# So that the background process's id is the program's, not that of a shell around it.
exec_in_part() {
	case $1 in
	on) exec nsenter --net="/run/netns/lb-$NAME-$2" -- "${@:3}" ;;
	lbctl) exec nsenter --net="/run/netns/lb-$NAME-balancer" -- "$LBCTL" --instance "$NAME" "${@:2}" ;;
	*) exec "$@" ;;
	esac
}

# Ends a process of ours and waits for its end.
stop() { # PID
	kill -TERM "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
	forget_process "$1"
}

forget_process() { # PID: it has ended
	local pid kept=()
	for pid in "${background[@]}"; do
		[[ $pid == "$1" ]] || kept+=("$pid")
	done
	background=("${kept[@]}")
}

# await SECONDS COMMAND...: tries it until it succeeds; fails when it never does. The limit is
# for a quiet machine: a busy one gets TEST_PATIENCE (4) times as long.
await() {
	local end=$((SECONDS + $1 * ${TEST_PATIENCE:-4}))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS <= end)) || return 1
		sleep 0.02
	done
}

# --- lab --------------------------------------------------------------------

lab_up() { # [ARGUMENTS OF tools/lab up...]
	labs+=("$NAME")
	"$LAB" up --name "$NAME" "$@" >"$WORK/lab.out" 2>&1 || {
		note "$(<"$WORK/lab.out")"
		return 1
	}
}

on() { # PART COMMAND...
	local part=$1
	shift
	nsenter --net="/run/netns/lb-$NAME-$part" -- "$@"
}

# With V set, a test that failed leaves its lab and processes to be looked at.
keep_labs() { # EXIT-STATUS
	local name
	[[ -n ${V-} && ${#labs[@]} != 0 ]] && (($1 != 0 || failures != 0)) || return 1
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

lbctl() {
	on balancer "$LBCTL" --instance "$NAME" "$@"
}

# must COMMAND...: what a test rests on; says why and ends the test if it fails.
must() {
	"$@" >"$WORK/must.out" 2>&1 || {
		note "failed: $*" "$(<"$WORK/must.out")"
		exit 1
	}
}

# What the operator has configured, without counters: comparable text.
configuration() {
	lbctl -j status | jq -cS '[.attached, [.services[] | del(.packets, .bytes, .flows, .new_flows, .reply_packets, .reply_bytes)
		| .backends |= map({address, port, state, weight, effective_weight})]]'
}

# Runs lbctl and kills it after a random part of the given time, or not at all.
run_and_kill() { # MAX-MICROSECONDS ARGUMENTS...
	local delay=$(((RANDOM * 32768 + RANDOM) % $1 + 1))
	printf -v delay '%d.%06d' $((delay / 1000000)) $((delay % 1000000))
	shift
	{
		timeout -s KILL "$delay" nsenter --net="/run/netns/lb-$NAME-balancer" \
			"$LBCTL" --instance "$NAME" "$@" || true
	} >/dev/null 2>&1 # the shell's words about the killed one, too
}

# duration COMMAND...: how many microseconds it takes; it has to succeed.
duration() {
	local started=${EPOCHREALTIME/[.,]/}
	"$@" >"$WORK/duration.out" 2>&1 || return 1
	echo $((${EPOCHREALTIME/[.,]/} - started))
}

# One value out of `lbctl -j ...`: value FILTER ARGUMENTS...
value() {
	local filter=$1
	shift
	lbctl -j "$@" | jq -r "$filter"
}

# Whether packets are traced: the word that they test, in the pinned map.
is_traced() {
	(($(bpftool -j map dump pinned "$PINS/control" | jq '.[0].value[16] | ltrimstr("0x") | tonumber') == 1))
}

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

# service FAMILY PROTOCOL PORT WEIGHTS [FLAGS...]: adds the service web-FAMILY-PROTOCOL
# with backends 1, 2, ... of these weights ("5 3 1").
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

# --- traffic ----------------------------------------------------------------

# fetch COUNT URL: one connection each; prints how often each answer came, "b1=5 b2=3".
fetch() {
	on client curl -sS --max-time 60 -H 'Connection: close' "$2?[1-$1]" 2>&1 | tally
}

# tally: counts equal lines; "b1=5 b2=3", sorted.
tally() {
	sort | uniq -c | awk '{ printf "%s%s=%d", (NR > 1 ? " " : ""), $2, $1 } END { print "" }'
}

url() { # ADDRESS [PORT] [PATH]
	echo "http://$(bracket "$1"):${2:-80}${3:-/}"
}

# udp COUNT ADDRESS PORT [FLAGS...]: one datagram from each of COUNT ports; the answers' tally.
udp() {
	local count=$1 address=$2 port=$3
	shift 3
	on client "$PEER" udp-flows "$address" "$port" "$count" "$@" | tally
}

# A peer program in every backend: serve COMMAND PORT, e.g. serve udp-echo 5353.
serve() {
	local path part
	for path in "/run/netns/lb-$NAME-b"[0-9]*; do
		part=${path##*-}
		start on "$part" "$PEER" "$1" "$2" "$part" "$WORK/$1-$part"
	done
	for path in "/run/netns/lb-$NAME-b"[0-9]*; do
		await 10 test -e "$WORK/$1-${path##*-}"
	done
}

# session_start ARGUMENTS OF peer.py...: one conversation in the client, line by line; see session_send.
session_start() {
	coproc SESSION { exec_in_part on client "$PEER" "$@"; }
	peer_pid=$SESSION_PID
	background+=("$peer_pid")
}

# Says something in the conversation, and sets RECEIVED to what comes back.
session_send() {
	RECEIVED=
	echo "$1" >&"${SESSION[1]}" || return 1
	read -r -t 30 RECEIVED <&"${SESSION[0]}"
}

session_end() {
	stop "$peer_pid"
}

# load ADDRESS PORT FLAGS...: peer.py load in the client; its log is $WORK/load.
load() {
	local address=$1 port=$2
	shift 2
	: >"$WORK/load"
	start on client "$PEER" load "$address" "$port" "$WORK/load" "$@"
	loader=$STARTED
}

# Waits until the load has gone on by so many requests from now.
load_wait() { # REQUESTS
	local goal=$(($(wc -l <"$WORK/load") + $1))
	await 30 load_reached "$goal" || {
		note "the load stands still at $(wc -l <"$WORK/load") requests"
		return 1
	}
}

load_reached() { # LINES
	(($(wc -l <"$WORK/load") >= $1))
}

# Ends the load; everything in its log is complete then.
load_end() {
	stop "$loader"
}

# Requests of the load that failed.
load_failures() {
	grep -c '^fail' "$WORK/load" || true
}

# no_failures TEXT: the load has run, and without a failed request.
no_failures() {
	local failed total
	failed=$(load_failures)
	total=$(wc -l <"$WORK/load")
	if ((failed == 0 && total > 0)); then
		pass "$1"
	else
		fail "$1" "$failed of $total requests failed" "$(grep '^fail' "$WORK/load" | head -n 5)"
	fi
}

# connections_stayed TEXT: every connection that was kept was answered by one backend all the time.
connections_stayed() {
	local moved
	moved=$(awk '$1 == "kept" { if ($2 in at && at[$2] != $3) print "connection " $2 ": " at[$2] " and " $3; at[$2] = $3 }
		END { if (length(at) == 0) print "no kept connection was used" }' "$WORK/load" | head -n 5)
	is "$moved" "" "$1"
}

# --- backends that answer by themselves, and their next hops ------------------

# The services' addresses on all backends, as dsr and tunnels want it.
vips_on_backends() {
	local path part
	for path in "/run/netns/lb-$NAME-b"[0-9]*; do
		part=${path##*-}
		must on "$part" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
		must on "$part" ip addr add "$VIP4/32" dev lo
		must on "$part" ip addr add "$VIP6/128" dev lo nodad
	done
}

# In the background: the controller, which follows neighbours and routes.
nexthop_tracking_start() {
	start lbctl run 2>>"$WORK/controller"
	tracker=$STARTED
	must await 20 grep -q "started, process $tracker" "$WORK/controller"
}

nexthop_tracking_end() {
	stop "$tracker"
}

# is_reached FAMILY [ANSWER]: a request is answered, soon, and so.
is_reached() {
	local answer
	answer=$(on client curl -sS --connect-timeout 0.2 --max-time 0.5 "$(url "$(vip_of "$1")")")
	[[ $answer == "${2:-b1}" ]]
}

# Packets with wrong checksums that a part has received.
checksum_errors() { # PART
	on "$1" cat /proc/net/snmp /proc/net/snmp6 | awk '
		/^(Tcp|Udp|Icmp|Ip):/ {
			if ($1 in head) { n = split(head[$1], names); for (i = 2; i <= n; i++) if (names[i] == "InCsumErrors" || $1 == "Ip:" && names[i] == "InHdrErrors") sum += $i }
			else head[$1] = $0
		}
		/^(Udp6|Icmp6)InCsumErrors/ { sum += $2 }
		END { print sum + 0 }'
}

# Nobody in the lab has seen a broken checksum.
checksums_are_right() {
	local path part errors bad=
	for path in "/run/netns/lb-$NAME-"*; do
		part=${path##*-}
		errors=$(checksum_errors "$part")
		((errors == 0)) || bad+="$part:$errors "
	done
	is "$bad" "" "no packet arrived with a wrong checksum"
}
