#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In dsr, ipip and gue mode, a probe connects to the VIP at the backend, on the forwarding path. It
# passes if the backend is configured for that mode, fails if only the backend's own address
# answers, and distinguishes backends with the same VIP. It needs no configuration of the host, and
# leaves nothing behind, neither on the host nor on the backend.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

PATIENT=interval=1m,timeout=1m # a busy machine's answers are late

balancer_up --backends 2

host_configuration() {
	on balancer ip -d addr
	on balancer ip route show table all
	on balancer ip -6 route show table all
	on balancer ip rule
	on balancer ip -6 rule
}

# reason SPEC BACKEND [FLAGS...]
reason() {
	local spec=$1 backend
	backend=$(bracket "$2"):80
	shift 2
	[[ $spec == *timeout=* ]] || spec+=,$PATIENT
	lbctl -j check probe "$spec" "$backend" "$@" | jq -r .reason
}

connections() { # PART: number of connections of its web server
	on "$1" ss -Htn state established state close-wait "sport = :80" | wc -l
}

sockets() {
	on balancer ss -Htan | wc -l
}

more_sockets() {
	(($(sockets) > sockets_before))
}

no_connections() {
	(($(connections b1) + $(connections b2) == 0))
}

# What dsr, ipip and gue require of a backend.
prepare_backend() { # PART
	must on "$1" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	must on "$1" ip addr add "$VIP4/32" dev lo
	must on "$1" ip addr add "$VIP6/128" dev lo nodad
	must lbctl_on "$1" decap eth0
}

# Once, so that the neighbours are known before and after.
reason tcp 10.0.0.11 >/dev/null || true
reason tcp 2001:db8:3::11 >/dev/null || true
before=$(host_configuration) sockets_before=$(sockets)

prepare_backend b1
declare -A own_address=([4]=10.0.0.1 [6]=2001:db8:3::1)
modes=("dsr 4 4" "dsr 6 6" "ipip 4 4" "ipip 4 6" "ipip 6 4" "ipip 6 6" "gue 4 4" "gue 4 6" "gue 6 4" "gue 6 6")
for mode in "${modes[@]}"; do
	read -r forward vip_family family <<<"$mode"
	what="$forward, IPv$vip_family to IPv$family"
	flags=(--forward "$forward" --vip "$(vip_of "$vip_family")")
	is "$(reason tcp "$(address_of "$family" 1)" "${flags[@]}")" connected "$what: a probe connects to the VIP"
	is "$(reason http:/,match=b1 "$(address_of "$family" 1)" "${flags[@]}")" "http 200" "$what: a probe sends a request to the VIP"
	is "$(reason "http:/client,match=${own_address[$vip_family]} " "$(address_of "$family" 1)" "${flags[@]}")" "http 200" \
		"$what: the probe's source is the balancer's address"
	is "$(reason tcp,port=81 "$(address_of "$family" 1)" "${flags[@]}")" "connect: Connection refused" \
		"$what: a closed port refuses the probe"
	is "$(reason tcp,timeout=300ms "$(address_of "$family" 2)" "${flags[@]}")" "timeout: connect" \
		"$what: a backend without the VIP fails the probe"
done

prepare_backend b2
for mode in "${modes[@]}"; do
	read -r forward vip_family family <<<"$mode"
	flags=(--forward "$forward" --vip "$(vip_of "$vip_family")")
	is "$(reason http:/,match=b2 "$(address_of "$family" 2)" "${flags[@]}")" "http 200" \
		"$forward, IPv$vip_family to IPv$family: a probe reaches its own backend"
done
lbctl -j check probe "http:/big,$PATIENT" 10.0.0.12:80 --forward ipip --vip "$VIP4" -c 2000 -i 0s >"$WORK/many"
is "$(grep -c '"passed":true' "$WORK/many")" 2000 "2000 probes with large answers pass"
ok "the probes leave no connection on the backend" await 10 no_connections

must on balancer ip addr add "$VIP4/32" dev lo
is "$(reason tcp 10.0.0.11 --forward dsr --vip "$VIP4")" connected "a probe passes if the balancer has the VIP too"
must on balancer ip addr del "$VIP4/32" dev lo

# TCP itself sends a lost SYN again after 1 s. A shorter limit shows that the probe does it sooner;
# a busy machine may need several tries.
unknown_neighbour_is_resolved() {
	on balancer ip neigh flush all
	[[ $(reason tcp,interval=1m,timeout=900ms 10.0.0.11 --forward dsr --vip "$VIP4") == connected ]]
}
ok "a probe resolves an unknown neighbour" await 10 unknown_neighbour_is_resolved

start lbctl -q check probe "tcp,$PATIENT" 10.0.0.11:80 --forward gue --vip "$VIP4" -i 0s -c 1000000
must await 10 more_sockets
stop_hard "$STARTED"
is "$(host_configuration)" "$before" "after a killed probe, the host's configuration is unchanged"
becomes "$sockets_before" "after a killed probe, its ports are free again" sockets
is "$(lbctl -j status | jq -c '[(.services | length), .outcomes.forwarded]')" "[0,0]" "probes do not use the balancer's program"
checksums_are_right
decap_on_backends --off
finish
