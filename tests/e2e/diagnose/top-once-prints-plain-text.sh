#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `lbctl top --once` prints one frame without a terminal, whose rates are those of its
# interval; what needs a terminal, or makes no sense, is refused.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

export LC_ALL=C COLUMNS=100
lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "5 3 1" --feedback observe
must lbctl service add other "$VIP4:81/tcp"
load "$VIP4" 80 --keep 6 --new 3
load_wait 20

# Packets towards backends so far, and when that was.
count_packets() {
	printf '%s %s\n' "$(value '[.services[].packets] | add' status)" "${EPOCHREALTIME/[.,]/}"
}

# "12.3k" as a number.
plain_number() {
	awk '{ sub("k", " 1000"); sub("M", " 1000000"); print int($1 * ($2 ? $2 : 1)) }' <<<"$1"
}

read -r packets_before time_before < <(count_packets)
lbctl top --once -i 2 </dev/null >"$WORK/frame" 2>"$WORK/err"
read -r packets_after time_after < <(count_packets)
rate=$(plain_number "$(sed -nE 's|^in ([^ ]+) pkt/s.*|\1|p' "$WORK/frame")")
real=$(((packets_after - packets_before) * 1000000 / (time_after - time_before)))
note "$rate packets/s by top, $real/s by the counters around it"
between $((real / 3)) "$rate" $((real * 3)) "packets a second are as many as there were"

is "$(<"$WORK/err")" "" "nothing is on standard error"
is "$(LC_ALL=C grep -c $'[\e\x80-\xff]' "$WORK/frame")" 0 "it is plain text"
is "$(awk 'length > 100' "$WORK/frame" | wc -l)" 0 "no line is longer than COLUMNS"
like "$(<"$WORK/frame")" "lbctl top  instance $NAME" "it has a title"
for number in 1 2 3; do
	like "$(grep -F "10.0.0.1$number:80 " "$WORK/frame")" "ready - +[531] .* [1-9][0-9.]*k? +[1-9][0-9.]*[kM]? " \
		"backend $number has packets and bits"
done
like "$(<"$WORK/frame")" " forwarded +[1-9]" "outcomes are there"

mapfile -t order < <(lbctl top --once -i 0.1 --sort weight | awk '/^ +10\./ { print $1 }')
is "${order[*]}" "10.0.0.11:80 10.0.0.12:80 10.0.0.13:80" "--sort says the order"
is "$(lbctl top other --once -i 0.1 | grep -c '^- ')" 1 "one service, if it is named"
must lbctl service set other --spill web-4-tcp
like "$(lbctl top other --once -i 0.1)" "  to web-4-tcp +spilled +0 +0 +0 " "with what it spills"
is "$(lbctl --color always top --once -i 0.1 | grep -c $'\e')" 0 "no colours, whatever is asked"

refused 2 "no terminal" "live it needs a terminal" lbctl top </dev/null
like "$(<"$WORK/err")" "hint: lbctl --instance $NAME top --once" "and says what does not"
refused 3 "--sort wieght: expected name, .*; did you mean 'weight'\?" "a wrong key has a suggestion" lbctl top --once --sort wieght
refused 3 "--interval" "an interval of nothing is refused" lbctl top --once -i 0
refused 2 "--once" "--once with --count is refused" lbctl top --once -c 3
refused 4 "no service" "a service that there is not" lbctl top nobody --once
status=0
lbctl -j top --once >"$WORK/out" 2>"$WORK/err" || status=$?
is "$status $(jq -r .error.id "$WORK/err")" "2 no-json" "as JSON it is refused"
like "$(jq -r .error.hint "$WORK/err")" "stats -i 1 -c 1" "and it is said what answers in JSON"
load_end
must lbctl detach --force
refused 8 "not attached" "detached, there is nothing to show" lbctl top --once
finish
