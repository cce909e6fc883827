#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Faults of interfaces, and of what the kernel does with packets: the doctor names each, and what it prints mends it.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/doctor.bash
source "$ROOT/tests/lib/shell/doctor.bash"

lab_up --backends 2
check_finding "error - - -" not-attached "nothing is attached"
refused 4 nosuch "an interface that there is none of" lbctl doctor nosuch
check_finding "error front - -" interface-not-attached "an interface that may be attached" front
remedy_fixes balancer interface-not-attached front
check_finding "" not-attached "something is attached"
must lbctl attach back

service 4 tcp 80 "1 1"
prints 0 "" "all is well" lbctl -q doctor
is "$(problem_ids)" "" "nothing serious is found"
is "$(diagnose | jq -r '[.[] | select(.id == "veth-peer-elsewhere") | .interface] | sort | join(" ")')" "back front" \
	"what cannot be looked at is told as a note"
is "$(diagnose front | jq -r '[.[] | .interface // empty] | unique | join(" ")')" "front" \
	"only the interface that was asked about"
is "$(diagnose | jq -r 'map(keys | join(" ")) | unique | join(", ")')" \
	"backend id interface message remedy service severity why" "the fields of a finding"

# Interfaces.
must lbctl detach back --force
check_finding "error back web-4-tcp 10.0.0.11:80" backend-interface-not-attached "replies come in by an interface without the program"
not_ok "and no connection comes about" on client curl -sS --max-time 1 "$(url "$VIP4")"
prints 1 "" "a fault is exit 1" lbctl -q doctor
remedy_fixes balancer backend-interface-not-attached
is "$(fetch 4 "$(url "$VIP4")")" "b1=2 b2=2" "connections come about again"
must lbctl attach --replace --mode generic front
check_finding "warning front - -" generic-mode "the program runs in the stack"
remedy_fixes balancer generic-mode

# Queues. What only hardware has (LRO and GRO in hardware, fewer queues to send by) test_offload judges.
must lbctl attach --replace --mode generic front
must on balancer ethtool -L front rx 1
must lbctl attach --replace --mode native front
if (($(nproc) > 1)); then
	check_finding "note front - -" single-queue "one queue for several processors" front
	remedy_fixes balancer single-queue front
	must lbctl attach --replace --mode generic front
	must on balancer ethtool -L front rx 1
	must lbctl attach --replace --mode native front
	must on balancer ethtool -L front rx "$(nproc)"
	check_finding "warning front - -" queues-bypassed "queues that came while the program was there"
	remedy_fixes balancer queues-bypassed
	must on client ethtool -L eth0 tx "$(nproc)"
	is "$(fetch 20 "$(url "$VIP4")")" "b1=10 b2=10" "packets of all queues are balanced"
fi

must on balancer ip link set front down
check_finding "error front - -" interface-down "an interface is down"
remedy_fixes balancer interface-down
must on client ip link set eth0 down
check_finding "error front - -" interface-down "and one without a carrier"
must on client ip link set eth0 up
must on client ip route replace default via 198.51.100.1
check_finding "" interface-down "whose other end comes back"
is "$(on client "$LBCTL" --instance "$NAME" -j doctor | jq -r '[.[] | select(.id == "interface-elsewhere").interface] | sort | join(" ")')" \
	"back front" "interface-elsewhere: attached in another namespace"

# Two ends of one wire here.
must on balancer ip link add left type veth peer name right
must on balancer ip link set left up
must on balancer ip link set right up
must on balancer ethtool -K right gro off
must lbctl attach left
check_finding "error left - -" veth-peer-passive "frames to the other end are lost"
remedy_fixes balancer veth-peer-passive
check_finding "note left - -" veth-peer-without-program "those that go back still are"
must "$LBCTL" --instance "$NAME-peer" version
remedy=$(remedy_of veth-peer-without-program)
like "$remedy" "^lbctl --instance peer attach --mode native right$" "veth-peer-without-program: its remedy"
run_remedy balancer "${remedy/--instance peer/--instance $NAME-peer}" >"$WORK/peer"
check_finding "" veth-peer-without-program "an empty instance there mends it"
check_finding "error right - -" other-program "an instance finds the other's program" right
must on balancer "$LBCTL" --instance "$NAME-peer" detach --force
must lbctl detach left --force
must on balancer ip link set left mtu 9000
check_finding "warning left - -" mtu-too-large "packets that do not fit in a page" left
remedy_fixes balancer mtu-too-large left
must lbctl attach left
must on balancer ip link delete left
check_finding "error left - -" interface-gone "an interface has vanished"
remedy_fixes balancer interface-gone

# What the kernel refuses to do.
must on balancer sysctl -qw net.ipv4.conf.back.forwarding=0
check_finding "error back - -" forwarding-off "the kernel does not forward"
remedy_fixes balancer forwarding-off
service 6 tcp 80 "1"
must on balancer sysctl -qw net.ipv6.conf.front.forwarding=0
check_finding "error front - -" forwarding-off "of IPv6 too"
remedy_fixes balancer forwarding-off
must lbctl service del web-6-tcp --force
must lbctl service add mixed 192.0.2.30:80/tcp --forward ipip
must lbctl backend add mixed 2001:db8:3::11
must on balancer sysctl -qw net.ipv6.conf.front.forwarding=0
check_finding "error front - -" forwarding-off "of a tunnel from IPv4 to IPv6"
remedy_fixes balancer forwarding-off
must lbctl service del mixed --force
must on balancer sysctl -qw net.ipv4.conf.all.rp_filter=1
check_finding "warning back - -" reverse-path-filter "the reverse path filter is strict"
# An ARP request for the router would make the new address known to the balancer.
must on client ip neigh replace 198.51.100.1 lladdr "$(on balancer ip -j link show front | jq -r '.[0].address')" dev eth0 nud permanent
must on client ip addr add 198.51.100.9/24 dev eth0
for backend in b1 b2; do
	must on "$backend" sysctl -qw net.ipv4.tcp_synack_retries=0 # or more come while the doctor looks
done
not_ok "and a client that the kernel has not heard of gets no answer" \
	on client curl -sS --max-time 0.7 --interface 198.51.100.9 "$(url "$VIP4")"
check_finding "note - - -" packets-to-stack "its answers were left to the kernel"
remedy_fixes balancer reverse-path-filter
ok "and it gets one" on client curl -sS --max-time 20 --interface 198.51.100.9 "$(url "$VIP4")"

is "$(problem_ids)" "" "all is well at last"
finish
