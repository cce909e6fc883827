#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# attach does not replace another XDP program, except with --replace. A refused attach leaves no
# program on any interface and no pin.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
foreign=/run/lbctl-lab-$NAME/pass.o

program_of() { # INTERFACE
	on balancer ip -j -d link show dev "$1" | jq -r '.[0].xdp.prog.id // "none"'
}

must ip -n "lb-$NAME-balancer" link set dev front xdpdrv obj "$foreign" sec xdp
program=$(program_of front)
refused 5 front "attach is refused" lbctl attach front
like "$(<"$WORK/err")" 'hint:' "the message has a hint"
refused 5 front "attach of two interfaces is refused" lbctl attach back front
is "$(program_of front)" "$program" "the other program is still attached"
is "$(program_of back)" none "the second interface has no program"
not_ok "no pin is left" test -e "$PINS"

prints 0 changed "attach --replace" lbctl attach --replace front back
not_ok "--replace replaces the other program" test "$(program_of front)" = "$program"
service 4 tcp 80 "1 1"
is "$(fetch 20 "$(url "$VIP4")")" "b1=10 b2=10" "the balancer works"
must lbctl detach --force

must ip -n "lb-$NAME-balancer" link set dev back xdpgeneric obj "$foreign" sec xdp
refused 5 back "attach is refused beside a generic program" lbctl attach front back
is "$(program_of front)" none "the first interface has no program"
must on balancer ip link set dev back xdpgeneric off
refused 4 nosuch "an unknown interface is refused" lbctl attach front nosuch
is "$(program_of front)" none "with an unknown interface, no program is attached"
not_ok "with an unknown interface, no pin is left" test -e "$PINS"
checksums_are_right
finish
