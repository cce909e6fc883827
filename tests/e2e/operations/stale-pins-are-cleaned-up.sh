#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Interfaces may vanish, and pins may be damaged: the message says so, nothing gets
# worse, and one command cleans up.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 1
must lbctl attach front back
service 4 tcp 80 "1"
must on balancer ip link delete front
ok "status works without an interface that has vanished" lbctl status
ok "as JSON, too" sh -c '"$@" | jq -e ".services | length == 1"' sh \
	nsenter --net="/run/netns/lb-$NAME-balancer" "$LBCTL" --instance "$NAME" -j status
is "$(value '[.attached[] | select(.interface == "front") | .mode] | tostring' status)" '["detached"]' "which is called detached"
ok "configuration goes on" lbctl backend weight web-4-tcp 10.0.0.11 3
ok "detach cleans up" lbctl detach --force
not_ok "and leaves no pin" test -e "$PINS"

must "$LAB" down --name "$NAME"
lab_up --backends 1
must lbctl attach front back
service 4 tcp 80 "1"
must on balancer ip link delete front
must ip link add front netns "lb-$NAME-balancer" type veth peer name eth0 netns "lb-$NAME-client"
prints 0 changed "an interface that comes again can be attached again" lbctl attach front
is "$(value '[.attached[] | .interface + " " + .mode] | sort | tostring' status)" \
	'["back native","front native"]' "and is attached then"
must lbctl detach --force

must "$LAB" down --name "$NAME"
lab_up --backends 1
must lbctl attach front back
damaged=$(find "$PINS" -type f -name '*service*' | sort | head -n 1)
ok "a pin is there to be damaged: ${damaged##*/}" test -n "$damaged"
rm "$damaged"
status=0
lbctl status >"$WORK/out" 2>"$WORK/err" || status=$?
between 3 "$status" 9 "status refuses damaged pins by an exit code"
like "$(<"$WORK/err")" 'hint: .*detach' "and says what to do"
status=0
lbctl service add other 192.0.2.20:80/tcp >"$WORK/out" 2>"$WORK/err" || status=$?
between 3 "$status" 9 "so does a change"
ok "detach --force cleans up" lbctl detach --force
not_ok "no pin is left" test -e "$PINS"
not_ok "no program is left" test -n "$(on balancer ip -d link show | sed -n '/prog.xdp/p')"
prints 0 changed "attach works again" lbctl attach front back
service 4 tcp 80 "1"
is "$(fetch 10 "$(url "$VIP4")")" "b1=10" "and so does the balancer"
checksums_are_right

must lbctl detach --force
mkdir -p "$PINS"
refused 9 'hint: .*detach' "an empty directory of pins is damaged pins" lbctl attach front back
ok "detach --force cleans up" lbctl detach --force
prints 0 changed "and attach works" lbctl attach front back
must lbctl detach --force
finish
