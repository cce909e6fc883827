#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The common grammar of all commands: position and form of flags, aliases, names, addresses,
# durations. The effect of -j, -p, -q, colours and a full disk on their output.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2
must lbctl service add web "$VIP4:80/tcp" --check tcp
must lbctl backend add web 10.0.0.11

while IFS='|' read -r code text words; do
	read -ra words <<<"$words"
	status=0
	answer=$(lbctl "${words[@]}" 2>"$WORK/err") || status=$?
	is "$(xargs <<<"$status ${answer%%$'\n'*}")" "$(xargs <<<"$code $text")" "${words[*]}"
done <<END
0 | changed   | backend add web 10.0.0.12 --weight 5
0 | unchanged | backend add web 10.0.0.12 --weight=5
0 | unchanged | backend add --weight 5 web 10.0.0.12
0 | unchanged | backend add web --weight 5 10.0.0.12
0 | unchanged | --dry-run backend add web 10.0.0.12 --weight 5
0 | unchanged | backend add web 10.0.0.12 --weight 5 --dry-run
0 | unchanged | backend add --weight 5 -- web 10.0.0.12
0 | unchanged | be add web 10.0.0.12:80 --weight 5
0 | unchanged | backend add $VIP4:80/tcp 10.0.0.12 --weight 5
2 |           | backend add web 10.0.0.12 --weight
2 |           | backend add web 10.0.0.12 --wei 5
2 |           | backend add web 10.0.0.12 --weight 5 --update=yes
2 |           | backend ad web 10.0.0.12
2 |           | ba add web 10.0.0.12
2 |           | svc l
0 | changed   | be weight web 10.0.0.12 -2
0 | changed   | be weight web 10.0.0.12 50%
0 | changed   | be weight web 10.0.0.12 100%
0 | changed   | svc add six [$VIP6]:443/udp
0 | changed   | be add six 2001:db8:3::11
0 | unchanged | be add six [2001:db8:3::11]
0 | unchanged | be add [$VIP6]:443/udp [2001:0DB8:3::11]:443
0 | changed   | be add six [2001:db8:3::12]:8443
3 |           | be add six [2001:db8:3::12]:http
3 |           | be add six backend.example
3 |           | svc add seven lbctl.example:80/tcp
0 | changed   | svc rm [$VIP6]:443/udp
0 | changed   | svc set web --timeout-new 1500ms
0 | unchanged | svc set web --timeout-new 1.5s
0 | changed   | svc set web --timeout-new 2m
0 | unchanged | svc set web --timeout-new 120s
3 |           | svc set web --timeout-new 2
0 | changed   | svc add all $VIP4:0/tcp
0 | changed   | be add all 10.0.0.11
0 | changed   | svc rm all
END
is "$(lbctl svc ls)" "$(lbctl service list)" "svc ls equals service list"
is "$(lbctl be ls web)" "$(lbctl backend list web)" "be ls equals backend list"
must lbctl service set web --forward gue
like "$(lbctl service list)" 'web .* gue ' "service list shows the forwarding mode"
must lbctl service set web --forward nat

lbctl -p service list >"$WORK/pretty"
is "$(jq -c 'map(.name)' "$WORK/pretty")" '["web"]' "-p prints JSON without -j"
ok "-p prints many lines" test "$(wc -l <"$WORK/pretty")" -gt 10

while read -ra words; do
	lbctl -j "${words[@]}" >"$WORK/out" 2>"$WORK/err" || true
	is "$(wc -l <"$WORK/out") $(wc -c <"$WORK/err")" "1 0" "-j prints one line only: ${words[*]}"
	lbctl -p "${words[@]}" >"$WORK/out" 2>"$WORK/err" || true
	ok "-p prints JSON: ${words[*]}" jq . "$WORK/out"
	prints 0 "" "-q prints nothing: ${words[*]}" bash -c '"$@" || (($? == 1))' bash nsenter --net="/run/netns/lb-$NAME-balancer" "$LBCTL" --instance "$NAME" -q "${words[@]}"
	status=0
	lbctl -j "${words[@]}" >/dev/full 2>"$WORK/err" || status=$?
	is "$status" 9 "a full disk is an error: ${words[*]}"
done <<'END'
status
stats
service list
service show web
backend list web
backend show web 10.0.0.11
flow list
flow count
check web
check probe tcp 10.0.0.11:80
save
doctor
events
version
explain --src 198.51.100.2:1 --dst 192.0.2.10:80/tcp
schema flow list
END
is "$(lbctl -q metrics)" "" "-q prints nothing: metrics"
lbctl -q service show nosuch >"$WORK/out" 2>"$WORK/err" || true
like "$(<"$WORK/err")" "unknown service 'nosuch'" "-q prints errors"

coloured() { # < TEXT
	if grep -q $'\e\['; then echo coloured; else echo plain; fi
}

# on_terminal ENVIRONMENT ARGUMENTS...: whether status is coloured on a terminal.
on_terminal() {
	script -qec "env $1 nsenter --net=/run/netns/lb-$NAME-balancer -- $LBCTL --instance $NAME status ${*:2}" /dev/null |
		coloured
}
must lbctl backend drain web 10.0.0.12
is "$(on_terminal -)" coloured "a terminal gets colours"
is "$(on_terminal NO_COLOR=1)" plain "NO_COLOR disables colours"
is "$(on_terminal NO_COLOR=1 --color always)" coloured "--color always overrides NO_COLOR"
is "$(on_terminal - --color never)" plain "--color never disables colours"
is "$(lbctl status | coloured)" plain "a pipe gets no colours"
is "$(lbctl status --color always | coloured)" coloured "--color always colours the output of a pipe"
finish
