#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An XDP program that is there is not replaced, unless --replace says so; and a refused
# attach leaves nothing, on no interface.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
foreign=/run/lbctl-lab-$NAME/pass.o

program_of() { # INTERFACE
	on balancer ip -j -d link show dev "$1" | jq -r '.[0].xdp.prog.id // "none"'
}

must ip -n "lb-$NAME-balancer" link set dev front xdpdrv obj "$foreign" sec xdp
program=$(program_of front)
refused 5 front "attach refuses" lbctl attach front
like "$(<"$WORK/err")" 'hint:' "and says what to do"
refused 5 front "also as one of two interfaces" lbctl attach back front
is "$(program_of front)" "$program" "the other program is still there"
is "$(program_of back)" none "the second interface has got nothing"
not_ok "nothing is pinned" test -e "$PINS"

prints 0 changed "--replace takes its place" lbctl attach --replace front back
not_ok "another program is there now" test "$(program_of front)" = "$program"
service 4 tcp 80 "1 1"
is "$(fetch 20 "$(url "$VIP4")")" "b1=10 b2=10" "and it works"
must lbctl detach --force

must ip -n "lb-$NAME-balancer" link set dev back xdpgeneric obj "$foreign" sec xdp
refused 5 back "a generic program is respected as well" lbctl attach front back
is "$(program_of front)" none "the first interface was given back"
must on balancer ip link set dev back xdpgeneric off
refused 4 nosuch "an unknown interface is not found" lbctl attach front nosuch
is "$(program_of front)" none "and nothing is attached"
not_ok "or pinned" test -e "$PINS"
checksums_are_right
finish
