#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every probe ends in time and uses little memory, whatever the server does: sends nothing, sends
# without end, sends slowly, or uses another protocol.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

HOSTILE=$ROOT/tests/lib/shell/hostile_server.py
lab_up --backends 1
start on b1 "$HOSTILE" serve "$WORK/serving"
must await 10 test -e "$WORK/serving"
declare -A port
while read -r name number; do
	port[$name]=$number
done < <("$HOSTILE" ports)

# probe SPEC PORT: JSON to $WORK/report, the maximum of its memory to $WORK/rss.
probe() {
	exec_in_part on balancer "$HOSTILE" rss "$WORK/rss" \
		"$LBCTL" -j check probe "$1" "10.0.0.11:$2" >"$WORK/report"
}

# CODE | KIND | BEHAVIOUR | OPTIONS | REGEX FOR THE REASON
# The limit is short only where the probe is to reach it.
while IFS='|' read -r code kind behaviour options reason; do
	[[ -n $code ]] || continue
	code=${code// /} kind=${kind// /} behaviour=${behaviour// /} options=${options// /} reason=${reason# }
	limit=timeout=1m,interval=1m
	[[ $reason != *timeout* ]] || limit=timeout=1s,interval=1s
	status=0
	(probe "$kind,$limit$options" "${port[$behaviour]}") || status=$?
	is "$status" "$code" "$kind$options, $behaviour: the exit status is $code"
	like "$(jq -r .reason "$WORK/report")" "$reason" "$kind$options, $behaviour: the reason is in the report"
	between 1 "$(jq .total_us "$WORK/report")" $((LIMIT_S * 1000000)) "$kind$options, $behaviour: the probe ends in time"
	between 1 "$(<"$WORK/rss")" 65536 "$kind$options, $behaviour: the probe uses less than 64 MiB"
done <<'END'
1 | http:/  | silent                  |            | ^timeout: no answer
1 | http:/  | hang_up                 |            | ^(http: .*(Empty|reset)|connect: )
1 | http:/  | no_http                 |            | ^http:
0 | http:/  | endless_body            |            | ^http 200$
1 | http:/  | endless_body            | ,match=y   | ^http 200, no match$
1 | http:/  | endless_chunk_extension |            | ^(timeout|http:)
1 | http:/  | endless_headers         |            | ^more than 65536 bytes of headers$
1 | http:/  | endless_header          |            | ^(http|timeout|more than)
1 | http:/  | endless_trailer         |            | ^(more than|http)
1 | http:/  | endless_continue        |            | ^more than 65536 bytes of headers$
1 | http:/  | dripping_headers        |            | ^timeout: the answer did not end$
1 | http:/  | dripping_body           |            | ^timeout: the answer did not end$
1 | http:/  | short_body              |            | ^http:
0 | http:/  | redirect_loop           |            | ^http 302$
1 | http:/  | redirect_loop           | ,expect=200| ^http 302$
1 | http:/  | noise                   |            | ^http:
0 | http:/  | wide_match              | ,match=owo  | ^http 200$
1 | https:/ | silent                  |            | ^timeout: connect or TLS$
1 | https:/ | hang_up                 |            | ^https:
1 | https:/ | noise                   |            | ^https:
1 | https:/ | endless_body            | ,insecure  | ^https:
0 | tcp     | silent                  |            | ^connected$
END
finish
