#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Faults of the ways to backends and back: the doctor names each, and what it prints mends it.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/doctor.bash
source "$ROOT/tests/lib/shell/doctor.bash"

lab_up --backends 2
must lbctl attach front back
send_datagram() { # VIP
	on client "$PEER" udp-flows "$1" 80 1 >"$WORK/udp" 2>&1 || true
}

must lbctl service add far 192.0.2.20:80/udp
must lbctl backend add far 203.0.113.9
must on balancer ip route add unreachable 203.0.113.9
send_datagram 192.0.2.20
check_finding "note - - -" packets-without-route "packets were refused by the routes"
must on balancer ip route del unreachable 203.0.113.9
must lbctl backend del far 203.0.113.9 --force
must lbctl backend add far 203.0.113.9
check_finding "error - far 203.0.113.9:80" no-route "no route"
remedy=$(remedy_of no-route)
is "$remedy" "ip route add 203.0.113.9 via ROUTER" "no-route: its remedy"
must run_remedy balancer "${remedy/ROUTER/10.0.0.12}"
check_finding "" no-route "a route mends it"
check_finding "note - far 203.0.113.9:80" return-path "replies may take another way"
must lbctl service set far --forward dsr
check_finding "error - far 203.0.113.9:80" dsr-routed "a router in between"
remedy_fixes balancer dsr-routed
check_finding "warning back far 203.0.113.9:80" tunnel-mtu "a tunnel too narrow"
remedy_fixes balancer tunnel-mtu
must lbctl service set far --forward gue
check_finding "warning back far 203.0.113.9:80" tunnel-mtu "and one by gue, which takes more"
remedy_fixes balancer tunnel-mtu
must on balancer ip link set back mtu 1500
check_finding "note - far -" backends-own-the-vip "what backends need"
must lbctl service del far --force
check_finding "" backends-own-the-vip "no backend needs anything"

must lbctl service add near 192.0.2.21:80/udp --forward dsr
must lbctl backend add near 10.0.0.77
check_finding "error - near 10.0.0.77:80" neighbour-unknown "nobody is there"
send_datagram 192.0.2.21
check_finding "note - - -" packets-without-neighbour "and packets were dropped"
must on b2 ip addr add 10.0.0.77/24 dev eth0
check_finding "" neighbour-unknown "somebody is"
must on balancer ip addr add 192.0.2.21/32 dev front
check_finding "warning front near -" vip-on-balancer "the balancer has the service's address"
remedy_fixes balancer vip-on-balancer
like "$(remedy_of backends-own-the-vip)" "arp_ignore=1 .*arp_announce=2 && ip addr add 192.0.2.21/32 dev lo$" "what to run on backends"
ok "and it runs" run_remedy b2 "$(remedy_of backends-own-the-vip)"
must lbctl service set near --forward snat --source 10.0.0.64/31
is "$(findings snat-source-not-local | sort | uniq -c | xargs)" "2 error back near -" "snat-source-not-local: nobody has the source"
while read -r remedy; do
	must run_remedy balancer "$remedy"
done < <(diagnose | jq -r '.[] | select(.id == "snat-source-not-local").remedy')
check_finding "" snat-source-not-local "the balancer has"
must lbctl service del near --force
is "$(problem_ids)" "" "all is well at last"
finish
