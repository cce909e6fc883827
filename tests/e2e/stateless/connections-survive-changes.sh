#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# By maglev and source past the balancer (dsr, ipip) connections are not remembered; and yet
# none moves when weights change, backends are drained, the scheduler, the way of forwarding
# or the program is another.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back
for part in b1 b2 b3; do
	on "$part" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	must on "$part" ip addr add "$VIP4/32" dev lo
	must on "$part" ip addr add "$VIP6/128" dev lo nodad
	must on "$part" "$LBCTL" --instance "$NAME-$part" decap eth0
done

change() { # WHAT COMMAND...
	local what=$1
	shift
	await 30 lbctl "$@" || fail "$what: lbctl $*" # others may attach at the same time
	load_wait 40
	note "$what"
}

# try FAMILY SCHEDULER FORWARD OTHER-FORWARD
run_case() {
	local what="$2 by $3, IPv$1" vip first
	vip=$(vip_of "$1")
	service "$1" tcp 80 "1 1 1" --scheduler "$2" --forward "$3"
	first=$(address_of "$1" 1)
	load "$vip" 80 --keep 24
	load_wait 50
	is "$(value .flows flow count)" 0 "$what: no connection is remembered"
	change "a weight" backend weight "web-$1-tcp" "$(address_of "$1" 2)" 3
	change "a drain" backend drain "web-$1-tcp" "$first"
	is "$(fetch 60 "$(url "$vip")" | grep -c b1=)" 0 "$what: drained, it gets no new connection"
	change "another scheduler" service set "web-$1-tcp" --scheduler wrr
	change "the first again" service set "web-$1-tcp" --scheduler "$2"
	change "forwarded otherwise" service set "web-$1-tcp" --forward "$4"
	change "another program" upgrade
	change "ready again" backend ready "web-$1-tcp" "$first"
	load_end
	no_failures "$what: no request failed meanwhile"
	connections_stayed "$what: no connection moved"
	must lbctl service del "web-$1-tcp" --force
}

run_case 4 maglev dsr ipip
run_case 6 maglev ipip gue
run_case 4 source ipip dsr
checksums_are_right
for part in b1 b2 b3; do
	must on "$part" "$LBCTL" --instance "$NAME-$part" decap --off
done
finish
