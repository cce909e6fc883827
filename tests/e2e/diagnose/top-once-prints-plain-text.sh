#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `lbctl top --once` prints one frame without a terminal. Its rates match the counters.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

export LC_ALL=C COLUMNS=100
INTERVAL_S=2
balancer_up
service 4 tcp 80 "5 3 1" --feedback observe
must lbctl service add other "$VIP4:81/tcp"
load "$VIP4" 80 --keep 6 --new 3
load_wait 20

# Packets to backends so far, and the time.
count_packets() {
	printf '%s %s\n' "$(value '[.services[].packets] | add' status)" "${EPOCHREALTIME/[.,]/}"
}

# "12.3k" as a number.
plain_number() {
	awk '{ sub("k", " 1000"); sub("M", " 1000000"); print int($1 * ($2 ? $2 : 1)) }' <<<"$1"
}

# take_frame: writes a frame to $WORK/frame. Returns 1 unless each backend had packets and bits in it.
take_frame() {
	local number
	read -r packets_before time_before < <(count_packets)
	lbctl top --once -i $INTERVAL_S </dev/null >"$WORK/frame" 2>"$WORK/err"
	read -r packets_after time_after < <(count_packets)
	for number in 1 2 3; do
		[[ $(grep -F "10.0.0.1$number:80 " "$WORK/frame") =~ "ready - "\ *[531]" ".*\ [1-9][0-9.]*k?\ +[1-9][0-9.]*[kM]?\  ]] || return 1
	done
}
ok "each backend has packets and bits" await 20 take_frame

# The counters were read before and after the interval, so that time contains all its packets. A rate
# that is far below theirs would have missed most of them.
rate=$(plain_number "$(sed -nE 's|^in ([^ ]+) pkt/s.*|\1|p' "$WORK/frame")")
packets=$((packets_after - packets_before))
note "$rate packets/s in top; $packets packets in $(((time_after - time_before) / 1000)) ms by the counters"
between $((packets * 1000000 / (time_after - time_before) / 5)) "$rate" $((packets * 11 / 10 / INTERVAL_S)) \
	"the rate matches the counters"

is "$(<"$WORK/err")" "" "stderr is empty"
is "$(LC_ALL=C grep -c $'[\e\x80-\xff]' "$WORK/frame")" 0 "the frame is plain ASCII text"
is "$(awk 'length > 100' "$WORK/frame" | wc -l)" 0 "no line is longer than COLUMNS"
like "$(<"$WORK/frame")" "lbctl top  instance $NAME" "the frame has a title"
like "$(<"$WORK/frame")" " forwarded +[1-9]" "the frame has outcomes"

mapfile -t order < <(lbctl top --once -i 0.1 --sort weight | awk '/^ +10\./ { print $1 }')
is "${order[*]}" "10.0.0.11:80 10.0.0.12:80 10.0.0.13:80" "--sort weight sorts by weight"
is "$(lbctl top other --once -i 0.1 | grep -c '^- ')" 1 "with a service, top shows only that service"
must lbctl service set other --spill web-4-tcp
like "$(lbctl top other --once -i 0.1)" "  to web-4-tcp +spilled +0 +0 +0 " "spilled traffic has its own line"
is "$(lbctl --color always top --once -i 0.1 | grep -c $'\e')" 0 "the frame has no colours, even with --color always"

refused 2 "must be a terminal" "without --once, top needs a terminal" lbctl top </dev/null
like "$(<"$WORK/err")" "hint: lbctl --instance $NAME top --once" "the hint has --once"
refused 3 "invalid --sort 'wieght': expected name, .*; did you mean 'weight'\?" "a misspelt sort key has a suggestion" lbctl top --once --sort wieght
refused 3 "--interval" "an interval of 0 is refused" lbctl top --once -i 0
refused 2 "--once" "--once with --count is refused" lbctl top --once -c 3
refused 4 "unknown service" "an unknown service is refused" lbctl top unknown --once
status=0
lbctl -j top --once >"$WORK/out" 2>"$WORK/err" || status=$?
is "$status $(jq -r .error.id "$WORK/err")" "2 no-json" "-j is refused"
like "$(jq -r .error.hint "$WORK/err")" "stats -i 1 -c 1" "the hint has the command with JSON output"
load_end
must lbctl detach --force
refused 8 "not attached" "without an instance, top is refused" lbctl top --once
finish
