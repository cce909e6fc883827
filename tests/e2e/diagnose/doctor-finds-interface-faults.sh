#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Faults of interfaces, and of the kernel's handling of packets: the doctor finds each, and the
# remedy that it prints fixes it.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/doctor.bash
source "$ROOT/tests/lib/shell/doctor.bash"

lab_up --backends 2
check_finding "error - - -" not-attached "no interface is attached"
refused 4 nosuch "an interface that does not exist is refused" lbctl doctor nosuch
check_finding "error front - -" interface-not-attached "the interface is not attached" front
remedy_fixes balancer interface-not-attached front
check_finding "" not-attached "an interface is attached"
must lbctl attach back

service 4 tcp 80 "1 1"
prints 0 "" "a working balancer has exit status 0" lbctl -q doctor
is "$(problem_ids)" "" "a working balancer has no errors or warnings"
is "$(diagnose | jq -r '[.[] | select(.id == "veth-peer-elsewhere") | .interface] | sort | join(" ")')" "back front" \
	"a note names interfaces with a peer out of reach"
is "$(diagnose front | jq -r '[.[] | .interface // empty] | unique | join(" ")')" "front" \
	"with an interface, doctor prints only its findings"
is "$(diagnose | jq -r 'map(keys | join(" ")) | unique | join(", ")')" \
	"backend id interface message remedy service severity why" "a finding has these fields"

# Interfaces.
must lbctl detach back --force
check_finding "error back web-4-tcp 10.0.0.11:80" backend-interface-not-attached "replies arrive on an interface without the program"
not_ok "no connection is established" connects "$(url "$VIP4")"
prints 1 "" "an error has exit status 1" lbctl -q doctor
remedy_fixes balancer backend-interface-not-attached
is "$(fetch 4 "$(url "$VIP4")")" "b1=2 b2=2" "connections are established again"
must lbctl attach --replace --mode generic front
check_finding "warning front - -" generic-mode "the program runs in generic mode"
remedy_fixes balancer generic-mode

# Queues. test_offload covers what only hardware has: LRO, GRO in hardware, fewer transmit queues.
must lbctl attach --replace --mode generic front
must on balancer ethtool -L front rx 1
must lbctl attach --replace --mode native front
if (($(nproc) > 1)); then
	check_finding "note front - -" single-queue "one receive queue for several CPUs" front
	remedy_fixes balancer single-queue front
	must lbctl attach --replace --mode generic front
	must on balancer ethtool -L front rx 1
	must lbctl attach --replace --mode native front
	must on balancer ethtool -L front rx "$(nproc)"
	check_finding "warning front - -" queues-bypassed "queues were added after attach"
	remedy_fixes balancer queues-bypassed
	must on client ethtool -L eth0 tx "$(nproc)"
	is "$(fetch 20 "$(url "$VIP4")")" "b1=10 b2=10" "packets of all queues are balanced"
fi

must on balancer ip link set front down
check_finding "error front - -" interface-down "the interface is down"
remedy_fixes balancer interface-down
must on client ip link set eth0 down
check_finding "error front - -" interface-down "the interface has no carrier"
must on client ip link set eth0 up
must on client ip route replace default via 198.51.100.1
check_finding "" interface-down "the carrier is back"
is "$(on client "$LBCTL" --instance "$NAME" -j doctor | jq -r '[.[] | select(.id == "interface-elsewhere").interface] | sort | join(" ")')" \
	"back front" "interface-elsewhere: the interfaces are in another namespace"

# Both ends of a veth pair in this namespace.
must on balancer ip link add left type veth peer name right
must on balancer ip link set left up
must on balancer ip link set right up
must on balancer ethtool -K right gro off
must lbctl attach left
check_finding "error left - -" veth-peer-passive "frames to the peer are lost"
remedy_fixes balancer veth-peer-passive
check_finding "note left - -" veth-peer-without-program "frames that are sent back would be lost"
must "$LBCTL" --instance "$NAME-peer" version
remedy=$(remedy_of veth-peer-without-program)
like "$remedy" "^lbctl --instance peer attach --mode native right$" "veth-peer-without-program: the remedy attaches an instance to the peer"
must run_remedy balancer "${remedy/--instance peer/--instance $NAME-peer --lock-timeout ${LIMIT_S}s}"
check_finding "" veth-peer-without-program "an empty instance on the peer fixes the fault"
check_finding "error right - -" other-program "another instance is attached to the interface" right
must on balancer "$LBCTL" --instance "$NAME-peer" --lock-timeout "${LIMIT_S}s" detach --force
must lbctl detach left --force
must on balancer ip link set left mtu 9000
check_finding "warning left - -" mtu-too-large "the MTU does not fit in a page" left
remedy_fixes balancer mtu-too-large left
must lbctl attach left
must on balancer ip link delete left
check_finding "error left - -" interface-gone "the interface has been deleted"
remedy_fixes balancer interface-gone

# Packets that the kernel refuses.
must on balancer sysctl -qw net.ipv4.conf.back.forwarding=0
check_finding "error back - -" forwarding-off "the kernel does not forward IPv4"
remedy_fixes balancer forwarding-off
service 6 tcp 80 "1"
must on balancer sysctl -qw net.ipv6.conf.front.forwarding=0
check_finding "error front - -" forwarding-off "the kernel does not forward IPv6"
remedy_fixes balancer forwarding-off
must lbctl service del web-6-tcp --force
must lbctl service add mixed 192.0.2.30:80/tcp --forward ipip
must lbctl backend add mixed 2001:db8:3::11
must on balancer sysctl -qw net.ipv6.conf.front.forwarding=0
check_finding "error front - -" forwarding-off "the kernel does not forward IPv6, for a tunnel from IPv4"
remedy_fixes balancer forwarding-off
must lbctl service del mixed --force
must on balancer sysctl -qw net.ipv4.conf.all.rp_filter=1
check_finding "warning back - -" reverse-path-filter "the reverse path filter is strict"
# An ARP request for the router would make the new address known to the balancer.
must on client ip neigh replace 198.51.100.1 lladdr "$(on balancer ip -j link show front | jq -r '.[0].address')" dev eth0 nud permanent
must on client ip addr add 198.51.100.9/24 dev eth0
for backend in b1 b2; do
	must on "$backend" sysctl -qw net.ipv4.tcp_synack_retries=0 # no further packets while the doctor examines
done
not_ok "a client without a neighbour entry gets no answer" connects "$(url "$VIP4")" --interface 198.51.100.9
check_finding "note - - -" packets-to-stack "replies were passed to the stack"
remedy_fixes balancer reverse-path-filter
ok "the client gets an answer" client_curl --interface 198.51.100.9 "$(url "$VIP4")"

becomes "" "no errors or warnings are left" problem_ids
finish
