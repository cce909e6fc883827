#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Faults of services, backends and the host, and lost packets: the doctor finds each.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$ROOT/tests/lib/shell/controller.bash"
# shellcheck source=tests/lib/shell/doctor.bash
source "$ROOT/tests/lib/shell/doctor.bash"

CHECK=tcp,interval=1m,timeout=1m,fast=200ms,fall=1,rise=1

attach_flags=(--max-flows 64)
balancer_up --backends 2
must lbctl service add web-4-tcp 192.0.2.10:80/tcp

# Services.
check_finding "error - web-4-tcp -" no-backend "a service has no backend"
remedy=$(remedy_of no-backend)
like "$remedy" "backend add web-4-tcp" "no-backend: the remedy adds a backend"
must run_remedy balancer "${remedy/ADDR\[:PORT\]/10.0.0.11}"
check_finding "" no-backend "a backend fixes the fault"
must lbctl backend drain web-4-tcp 10.0.0.11
check_finding "error - web-4-tcp -" none-ready "all backends are draining"
must run_remedy balancer "$(remedy_of none-ready | sed 's/BACKEND/10.0.0.11/')"
check_finding "" none-ready "a ready backend fixes the fault"
must lbctl backend weight web-4-tcp 10.0.0.11 0
check_finding "error - web-4-tcp -" none-ready "all weights are 0"
must lbctl backend weight web-4-tcp 10.0.0.11 1

# Checks.
must lbctl service set web-4-tcp --check "$CHECK"
check_finding "warning - web-4-tcp -" no-controller "a service with a check has no controller"
controller_start
check_finding "" no-controller "a controller runs"
controller_stop
must lbctl service set web-4-tcp --check none --feedback observe
check_finding "warning - web-4-tcp -" no-controller "a service with feedback has no controller"
must lbctl service set web-4-tcp --check "$CHECK" --feedback off
backend_kill 1
check_finding "error - web-4-tcp 10.0.0.11:80" backend-unreachable "a connection from the balancer fails"
lbctl check >"$WORK/check" || true
check_finding "warning - web-4-tcp 10.0.0.11:80" backend-down "a backend fails its check"
check_finding "error - web-4-tcp -" all-down "all backends are down"
must lbctl backend add web-4-tcp 10.0.0.12
must lbctl check web-4-tcp 10.0.0.12
check_finding "" all-down "another backend is up"
backend_revive 1
remedy_fixes balancer backend-down
check_finding "" backend-unreachable "a connection is established"
must lbctl service set web-4-tcp --check none
must lbctl service set web-4-tcp --forward dsr
check_finding $'error - web-4-tcp 10.0.0.11:80\nerror - web-4-tcp 10.0.0.12:80' backend-unreachable "in dsr mode, the backends do not have the VIP"
vips_on_backends
check_finding "" backend-unreachable "in dsr mode, the backends have the VIP"
must lbctl service set web-4-tcp --forward nat

# Replies on another path.
must lbctl backend del web-4-tcp 10.0.0.12
must on b1 ip route del default
not_ok "no connection is established" connects "$(url "$VIP4")"
check_finding "error - web-4-tcp 10.0.0.11:80" no-replies "no reply arrives"
ok "no-replies: the remedy runs on the backend" run_remedy b1 "$(remedy_of no-replies)"
is "$(fetch 2 "$(url "$VIP4")")" "b1=2" "connections are established"
check_finding "" no-replies "replies arrive"

# Flows.
serve udp-echo 5353
must lbctl service add echo 192.0.2.10:5353/udp --timeout-new 1h --timeout-established 1h
must lbctl backend add echo 10.0.0.11
must udp 200 "$VIP4" 5353
check_finding "warning - - -" flow-table-full "there are more flows than --max-flows"
check_finding "note - - -" packets-untracked "some packets were untracked"
must lbctl flow flush --force
check_finding "" flow-table-full "the flow table is empty"

# Lost packets.
must lbctl backend maint echo 10.0.0.11
udp_lost 1 "$VIP4" 5353
check_finding "note - - -" packets-without-backend "a packet was dropped"
like "$(remedy_of packets-without-backend)" "trace --outcome no_backend$" "packets-without-backend: the remedy traces them"
start on client bash -c 'while :; do echo >/dev/udp/192.0.2.10/5353; done' 2>/dev/null
check_finding "warning - - -" packets-without-backend "packets are being dropped"
stop "$STARTED"
check_finding "note - - -" packets-without-backend "no further packets are dropped"
must lbctl backend ready echo 10.0.0.11
must lbctl backend add echo 10.0.0.11 --max-flows 1 --update
udp_lost 3 "$VIP4" 5353
check_finding "note - - -" packets-overloaded "a backend had --max-flows flows"
must lbctl service del echo --force

# The host.
echo 0 >"$WORK/zero"
doctor=("$LBCTL" --instance "$NAME" -j doctor)
host_findings() { # COMMAND...: findings of a doctor that this command runs
	on balancer "$@" "${doctor[@]}" >"$WORK/host" || true
	jq -r '.[] | .id + ": " + .message + ": " + .remedy' "$WORK/host"
}
like "$(host_findings setarch --uname-2.6)" "kernel-too-old: the kernel is 2\.6" "kernel-too-old: the kernel is older than required"
like "$(host_findings setpriv --bounding-set -net_admin)" "no-capability: lbctl runs without CAP_NET_ADMIN:" "no-capability: CAP_NET_ADMIN is missing"
# shellcheck disable=SC2016 # it is for another shell
{
	like "$(host_findings unshare -m sh -c 'umount /sys/fs/bpf; "$@"' sh)" "no-bpffs: [^:]*: mount -t bpf bpf /sys/fs/bpf" "no-bpffs: the remedy mounts bpffs"
	not_ok "no-bpffs: the remedy fixes the fault" grep no-bpffs \
		<(host_findings unshare -m sh -c 'umount /sys/fs/bpf; mount -t bpf bpf /sys/fs/bpf; "$@"' sh)
	unshare -m sh -c 'mount --bind "$0" /proc/sys/net/core/bpf_jit_enable; "$@"' "$WORK/zero" "${doctor[@]}" >"$WORK/host" || true
}
is "$(jq -r '.[] | select(.id == "jit-off").remedy' "$WORK/host")" "sysctl -w net.core.bpf_jit_enable=1" "jit-off: the remedy turns the JIT on"

stale_remedy() {
	diagnose | jq -r --arg name "$NAME-old" '.[] | select(.id == "stale-instance" and (.remedy | contains($name))).remedy'
}
for begin in attach decap; do
	must on balancer ip link add left type veth peer name right
	must on balancer ip addr add 10.9.9.9/32 dev left
	must on balancer "$LBCTL" --instance "$NAME-old" --lock-timeout "${LIMIT_S}s" "$begin" left
	must on balancer ip link delete left
	end=$([[ $begin == decap ]] && echo "decap --off" || echo "detach --force")
	is "$(stale_remedy)" "lbctl --instance $NAME-old $end" "stale-instance: every interface of an instance ($begin) is gone"
	ok "stale-instance: the remedy runs" run_remedy balancer "$(stale_remedy)"
	is "$(stale_remedy)" "" "stale-instance: the remedy fixes the fault"
done
finish
