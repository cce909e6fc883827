# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Traffic of the end-to-end tests: requests, datagrams, sessions, and load. Sourced by e2e.bash.
# shellcheck disable=SC2034,SC2154 # what the tests use, and what e2e.bash sets

RECEIVED= # line, set by session_send
session=  # process id of the session
loader=   # process id of the load

# --- requests and datagrams -----------------------------------------------------

client_curl() { # ARGUMENTS OF curl...
	on client curl -sS --max-time "$LIMIT_S" "$@"
}

# fetch COUNT URL [FLAGS OF curl...]: one connection each; prints the answers' tally, "b1=5 b2=3".
fetch() {
	client_curl "${@:3}" -H 'Connection: close' "$2?[1-$1]" 2>&1 | tally
}

# fetch_parallel COUNT URL [FLAGS OF curl...]: the same, up to 50 connections at a time.
fetch_parallel() {
	client_curl "${@:3}" --parallel --parallel-immediate --parallel-max 50 \
		-H 'Connection: close' "$2?[1-$1]" 2>>"$WORK/curl" | tally
}

# The client has received the last packet of each connection that it has closed.
closed_connections_are_gone() {
	[[ -z $(on client ss -Htn state last-ack state closing state fin-wait-1 state fin-wait-2) ]]
}

# Counts equal lines: "b1=5 b2=3", sorted.
tally() {
	sort | uniq -c | awk '{ printf "%s%s=%d", (NR > 1 ? " " : ""), $2, $1 } END { print "" }'
}

url() { # ADDRESS [PORT] [PATH]
	echo "http://$(bracket "$1"):${2:-80}${3:-/}"
}

# connects URL [FLAGS OF curl...]: the request is answered within a second. To be used with not_ok,
# or repeated: on a busy machine an answer may take longer.
connects() {
	on client curl -sS --max-time 1 -o /dev/null "${@:2}" "$1"
}

# is_reached FAMILY [ANSWER]: the VIP answers a request, from backend ANSWER (b1). Not sooner than
# the first retransmission of a lost SYN, so that one lost packet does not count.
is_reached() {
	[[ $(on client curl -sS --connect-timeout 2 --max-time "$LIMIT_S" "$(url "$(vip_of "$1")")") == "${2:-b1}" ]]
}

# is_never_reached FAMILY: three connections in turn fail.
is_never_reached() {
	for _ in 1 2 3; do
		! connects "$(url "$(vip_of "$1")")" || return 1
	done
}

# udp COUNT ADDRESS PORT [FLAGS...]: one datagram from each of COUNT ports; the answers' tally.
udp() {
	local count=$1 address=$2 port=$3
	shift 3
	on client "$PEER" udp-flows "$address" "$port" "$count" "$@" | tally
}

# udp_lost COUNT ADDRESS PORT [FLAGS...]: datagrams that are not expected to be answered.
udp_lost() {
	on client "$PEER" udp-flows "$2" "$3" "$1" --no-wait "${@:4}" >"$WORK/udp" 2>&1 || true
}

# serve COMMAND PORT: a server of peer.py on every backend, e.g. serve udp-echo 5353.
serve() {
	local part
	for part in $(backend_parts); do
		start on "$part" "$PEER" "$1" "$2" "$part" "$WORK/ready-$1-$part"
	done
	for part in $(backend_parts); do
		must await 10 test -e "$WORK/ready-$1-$part"
	done
}

# --- sessions -------------------------------------------------------------------

# session_start ARGUMENTS OF peer.py...: a client that answers line by line; see session_send.
session_start() {
	coproc SESSION { exec_in_part on client "$PEER" "$@"; }
	session=$SESSION_PID
	background+=("$session")
}

# Sends a line to the session; sets RECEIVED to the answer.
session_send() {
	RECEIVED=
	echo "$1" >&"${SESSION[1]}" || return 1
	read -r -t "$LIMIT_S" RECEIVED <&"${SESSION[0]}"
}

session_end() {
	stop "$session"
	session=
}

# Keeps an open session open after the end of this shell, until the lab is removed.
hold_session() {
	local input
	[[ -n $session ]] || return 0
	exec {input}>&"${SESSION[1]}"
	on client sleep infinity >/dev/null 2>&1 &
}

# --- load -------------------------------------------------------------------------

# load ADDRESS PORT FLAGS...: peer.py load in the client; its log is $WORK/load.
load() {
	local address=$1 port=$2
	shift 2
	: >"$WORK/load"
	start on client "$PEER" load "$address" "$port" "$WORK/load" "$@"
	loader=$STARTED
}

# Waits until the load has made REQUESTS more requests.
load_wait() { # REQUESTS
	local goal=$(($(wc -l <"$WORK/load") + $1))
	await 30 load_reached "$goal" || {
		note "the load makes no progress after $(wc -l <"$WORK/load") requests"
		return 1
	}
}

load_reached() { # LINES
	(($(wc -l <"$WORK/load") >= $1))
}

# Ends the load; its log is complete then.
load_end() {
	stop "$loader"
}

# no_failures TEXT: the load has made requests, and none failed.
no_failures() {
	local failed total
	failed=$(grep -c '^fail' "$WORK/load" || true)
	total=$(wc -l <"$WORK/load")
	if ((failed == 0 && total > 0)); then
		pass "$1"
	else
		fail "$1" "$failed of $total requests failed" "$(grep '^fail' "$WORK/load" | head -n 5)"
	fi
}

# connections_stayed TEXT: each kept connection of the load was answered by one backend only.
connections_stayed() {
	local moved
	moved=$(awk '$1 == "kept" { if ($2 in at && at[$2] != $3) print "connection " $2 ": " at[$2] " and " $3; at[$2] = $3 }
		END { if (length(at) == 0) print "no kept connection was used" }' "$WORK/load" | head -n 5)
	is "$moved" "" "$1"
}
