#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# If an attached interface is deleted, or pins are damaged, commands report it, and one command
# cleans up.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 1
must lbctl attach front back
service 4 tcp 80 "1"
must on balancer ip link delete front
ok "status works after an attached interface was deleted" lbctl status
ok "status -j works after an attached interface was deleted" sh -c '"$@" | jq -e ".services | length == 1"' sh \
	nsenter --net="/run/netns/lb-$NAME-balancer" "$LBCTL" --instance "$NAME" -j status
is "$(value '[.attached[] | select(.interface == "front") | .mode] | tostring' status)" '["detached"]' "the deleted interface is reported as detached"
ok "changes work after an attached interface was deleted" lbctl backend weight web-4-tcp 10.0.0.11 3
ok "detach works after an attached interface was deleted" lbctl detach --force
not_ok "detach leaves no pin" test -e "$PINS"

lab_down
lab_up --backends 1
must lbctl attach front back
service 4 tcp 80 "1"
must on balancer ip link delete front
must ip link add front netns "lb-$NAME-balancer" type veth peer name eth0 netns "lb-$NAME-client"
prints 0 changed "a new interface of the same name can be attached" lbctl attach front
is "$(value '[.attached[] | .interface + " " + .mode] | sort | tostring' status)" \
	'["back native","front native"]' "the new interface is attached"
must lbctl detach --force

lab_down
lab_up --backends 1
must lbctl attach front back
damaged=$(find "$PINS" -type f -name '*service*' | sort | head -n 1)
ok "the test removes a pin: ${damaged##*/}" test -n "$damaged"
rm "$damaged"
status=0
lbctl status >"$WORK/out" 2>"$WORK/err" || status=$?
between 3 "$status" 9 "status with damaged pins fails"
like "$(<"$WORK/err")" 'hint: .*detach' "the message has a hint"
status=0
lbctl service add other 192.0.2.20:80/tcp >"$WORK/out" 2>"$WORK/err" || status=$?
between 3 "$status" 9 "a change with damaged pins fails"
ok "detach --force removes damaged pins" lbctl detach --force
not_ok "no pin is left" test -e "$PINS"
not_ok "no program is left" test -n "$(on balancer ip -d link show | sed -n '/prog.xdp/p')"
prints 0 changed "attach works again" lbctl attach front back
service 4 tcp 80 "1"
is "$(fetch 10 "$(url "$VIP4")")" "b1=10" "the balancer works again"
checksums_are_right

must lbctl detach --force
mkdir -p "$PINS"
refused 9 'hint: .*detach' "attach with an empty directory of pins fails" lbctl attach front back
ok "detach --force removes the empty directory" lbctl detach --force
prints 0 changed "attach works without the directory" lbctl attach front back
must lbctl detach --force
finish
