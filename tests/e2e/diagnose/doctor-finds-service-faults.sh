#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Faults of services, backends and the host: the doctor names each, and packets that were lost.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$ROOT/tests/lib/shell/controller.bash"
# shellcheck source=tests/lib/shell/doctor.bash
source "$ROOT/tests/lib/shell/doctor.bash"

lab_up --backends 2
must lbctl attach front back --max-flows 64
must lbctl service add web-4-tcp 192.0.2.10:80/tcp

# Services.
check_finding "error - web-4-tcp -" no-backend "a service without one"
remedy=$(remedy_of no-backend)
like "$remedy" "backend add web-4-tcp" "no-backend: its remedy"
must run_remedy balancer "${remedy/ADDR\[:PORT\]/10.0.0.11}"
check_finding "" no-backend "one mends it"
must lbctl backend drain web-4-tcp 10.0.0.11
check_finding "error - web-4-tcp -" none-ready "all are drained"
must run_remedy balancer "$(remedy_of none-ready | sed 's/BACKEND/10.0.0.11/')"
check_finding "" none-ready "one that is ready mends it"
must lbctl backend weight web-4-tcp 10.0.0.11 0
check_finding "error - web-4-tcp -" none-ready "all are of weight 0"
must lbctl backend weight web-4-tcp 10.0.0.11 1

# Checks.
must lbctl service set web-4-tcp --check "$CHECK,fall=1,rise=1"
check_finding "warning - web-4-tcp -" no-controller "a check, and nobody who runs it"
controller_start
check_finding "" no-controller "somebody runs it"
controller_stop
must lbctl service set web-4-tcp --check none --feedback observe
check_finding "warning - web-4-tcp -" no-controller "nor feedback"
must lbctl service set web-4-tcp --check "$CHECK,fall=1,rise=1" --feedback off
backend_kill 1
check_finding "error - web-4-tcp 10.0.0.11:80" backend-unreachable "a connection from here fails"
lbctl check >"$WORK/check" || true
check_finding "warning - web-4-tcp 10.0.0.11:80" backend-down "its check fails"
check_finding "error - web-4-tcp -" all-down "and nobody else is there"
must lbctl backend add web-4-tcp 10.0.0.12
must lbctl check web-4-tcp 10.0.0.12
check_finding "" all-down "somebody else is"
backend_revive 1
remedy_fixes balancer backend-down
check_finding "" backend-unreachable "a connection comes about"
must lbctl service set web-4-tcp --check none
must lbctl service set web-4-tcp --forward dsr
is "$(findings backend-unreachable | wc -l)" 2 "backend-unreachable: by dsr, the backends do not have the service's address"
vips_on_backends
check_finding "" backend-unreachable "by dsr, they have"
must lbctl service set web-4-tcp --forward nat

# Replies that take another way.
must lbctl backend del web-4-tcp 10.0.0.12
must on b1 ip route del default
not_ok "no connection comes about" on client curl -sS --max-time 1 "$(url "$VIP4")"
check_finding "error - web-4-tcp 10.0.0.11:80" no-replies "nothing came back"
ok "no-replies: the remedy runs on the backend" run_remedy b1 "$(remedy_of no-replies)"
is "$(fetch 2 "$(url "$VIP4")")" "b1=2" "connections come about"
check_finding "" no-replies "and replies are seen"

# Flows.
serve udp-echo 5353
must lbctl service add echo 192.0.2.10:5353/udp
must lbctl backend add echo 10.0.0.11
udp 200 "$VIP4" 5353 >"$WORK/udp"
check_finding "warning - - -" flow-table-full "more flows than there is room for"
check_finding "note - - -" packets-untracked "and some that found none"
must lbctl flow flush --force
check_finding "" flow-table-full "no flow is left"

# Packets that are lost.
must lbctl backend maint echo 10.0.0.11
on client "$PEER" udp-flows "$VIP4" 5353 1 >"$WORK/udp" 2>&1 || true
check_finding "note - - -" packets-without-backend "packets were dropped"
like "$(remedy_of packets-without-backend)" "trace --outcome no_backend$" "packets-without-backend: its remedy"
start on client bash -c 'while :; do echo >/dev/udp/192.0.2.10/5353; done' 2>/dev/null
check_finding "warning - - -" packets-without-backend "more are being dropped"
stop "$STARTED"
check_finding "note - - -" packets-without-backend "no more are"
must lbctl backend ready echo 10.0.0.11
must lbctl backend add echo 10.0.0.11 --max-flows 1 --update
on client "$PEER" udp-flows "$VIP4" 5353 3 >"$WORK/udp" 2>&1 || true
check_finding "note - - -" packets-overloaded "a backend had as many flows as it may"
must lbctl service del echo --force

# The host, as it could be.
echo 0 >"$WORK/zero"
doctor=("$LBCTL" --instance "$NAME" -j doctor)
host_findings() { # COMMAND...: what is found when lbctl runs by it
	on balancer "$@" "${doctor[@]}" >"$WORK/host" || true
	jq -r '.[] | .id + ": " + .message + ": " + .remedy' "$WORK/host"
}
like "$(host_findings setarch --uname-2.6)" "kernel-too-old: the kernel is 2\.6" "kernel-too-old"
like "$(host_findings setpriv --bounding-set -net_admin)" "no-capability: lbctl runs without CAP_NET_ADMIN:" "no-capability"
# shellcheck disable=SC2016 # it is for another shell
{
	like "$(host_findings unshare -m sh -c 'umount /sys/fs/bpf; "$@"' sh)" "no-bpffs: [^:]*: mount -t bpf bpf /sys/fs/bpf" "no-bpffs"
	not_ok "no-bpffs: the remedy mends it" grep no-bpffs \
		<(host_findings unshare -m sh -c 'umount /sys/fs/bpf; mount -t bpf bpf /sys/fs/bpf; "$@"' sh)
	unshare -m sh -c 'mount --bind "$0" /proc/sys/net/core/bpf_jit_enable; "$@"' "$WORK/zero" "${doctor[@]}" >"$WORK/host" || true
}
is "$(jq -r '.[] | select(.id == "jit-off").remedy' "$WORK/host")" "sysctl -w net.core.bpf_jit_enable=1" "jit-off, with its remedy"

stale_remedy() {
	diagnose | jq -r --arg name "$NAME-old" '.[] | select(.id == "stale-instance" and (.remedy | contains($name))).remedy'
}
for begin in attach decap; do
	must on balancer ip link add left type veth peer name right
	must on balancer ip addr add 10.9.9.9/32 dev left
	must on balancer "$LBCTL" --instance "$NAME-old" "$begin" left
	must on balancer ip link delete left
	end=$([[ $begin == decap ]] && echo "decap --off" || echo "detach --force")
	is "$(stale_remedy)" "lbctl --instance $NAME-old $end" "stale-instance: all that was attached by $begin is gone"
	ok "stale-instance: the remedy runs" run_remedy balancer "$(stale_remedy)"
	is "$(stale_remedy)" "" "stale-instance: and mends it"
done
finish
