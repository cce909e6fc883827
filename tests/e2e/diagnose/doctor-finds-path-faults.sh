#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Faults of the paths to the backends and back: the doctor finds each, and the remedy that it prints
# fixes it.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/doctor.bash
source "$ROOT/tests/lib/shell/doctor.bash"

balancer_up --backends 2

must lbctl service add far 192.0.2.20:80/udp
must lbctl backend add far 203.0.113.9
must on balancer ip route add unreachable 203.0.113.9
udp_lost 1 192.0.2.20 80
check_finding "note - - -" packets-without-route "a packet had no route"
must on balancer ip route del unreachable 203.0.113.9
must lbctl backend del far 203.0.113.9 --force
must lbctl backend add far 203.0.113.9
check_finding "error - far 203.0.113.9:80" no-route "a backend has no route"
remedy=$(remedy_of no-route)
is "$remedy" "ip route add 203.0.113.9 via ROUTER" "no-route: the remedy adds a route"
must run_remedy balancer "${remedy/ROUTER/10.0.0.12}"
check_finding "" no-route "a route fixes the fault"
check_finding "note - far 203.0.113.9:80" return-path "replies may take another path"
must lbctl service set far --forward dsr
check_finding "error - far 203.0.113.9:80" dsr-routed "a router is between balancer and backend in dsr mode"
remedy_fixes balancer dsr-routed
check_finding "warning back far 203.0.113.9:80" tunnel-mtu "the MTU is too small for ipip"
remedy_fixes balancer tunnel-mtu
must lbctl service set far --forward gue
check_finding "warning back far 203.0.113.9:80" tunnel-mtu "the MTU is too small for gue, which needs more"
remedy_fixes balancer tunnel-mtu
must on balancer ip link set back mtu 1500
check_finding "note - far -" backends-own-the-vip "backends must have the VIP"
must lbctl service del far --force
check_finding "" backends-own-the-vip "without the service there is no such note"

must lbctl service add near 192.0.2.21:80/udp --forward dsr
must lbctl backend add near 10.0.0.77
check_finding "error - near 10.0.0.77:80" neighbour-unknown "no host has the backend's address"
udp_lost 1 192.0.2.21 80
check_finding "note - - -" packets-without-neighbour "a packet was dropped for lack of a neighbour"
must on b2 ip addr add 10.0.0.77/24 dev eth0
check_finding "" neighbour-unknown "a host has the address"
must on balancer ip addr add 192.0.2.21/32 dev front
check_finding "warning front near -" vip-on-balancer "the balancer itself has the VIP"
remedy_fixes balancer vip-on-balancer
like "$(remedy_of backends-own-the-vip)" "arp_ignore=1 .*arp_announce=2 && ip addr add 192.0.2.21/32 dev lo$" "backends-own-the-vip: the remedy adds the VIP to lo"
ok "backends-own-the-vip: the remedy runs on a backend" run_remedy b2 "$(remedy_of backends-own-the-vip)"
must lbctl service set near --forward snat --source 10.0.0.64/31
check_finding $'error back near -\nerror back near -' snat-source-not-local "no host has the two source addresses"
while read -r remedy; do
	must run_remedy balancer "$remedy"
done < <(diagnose | jq -r '.[] | select(.id == "snat-source-not-local").remedy')
check_finding "" snat-source-not-local "the balancer has the source addresses"
must lbctl service del near --force
becomes "" "no errors or warnings are left" problem_ids
finish
