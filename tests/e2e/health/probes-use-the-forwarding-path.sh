#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# By dsr, ipip and gue a probe connects to the VIP at the backend, the way traffic goes there:
# it passes where the backend is fit for that, fails where only its own address answers, and
# tells backends apart that have the same VIP. It needs nothing of the host's configuration,
# and leaves nothing there or at the backend.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 2
must lbctl attach front back

configured() {
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
	[[ $spec == *timeout=* ]] || spec+=,interval=1m,timeout=20s
	lbctl -j check probe "$spec" "$backend" "$@" | jq -r .reason
}

connections() { # PART: of the web server, that are there
	on "$1" ss -Htn state established state close-wait "sport = :80" | wc -l
}

sockets() {
	on balancer ss -Htan | wc -l
}

more_sockets() {
	(($(sockets) > sockets_before))
}

no_more_sockets() {
	(($(sockets) == sockets_before))
}

no_connections() {
	(($(connections b1) + $(connections b2) == 0))
}

# prepare_backend BACKEND-PART: what a backend of dsr, ipip and gue has to be
prepare_backend() {
	on "$1" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	must on "$1" ip addr add "$VIP4/32" dev lo
	must on "$1" ip addr add "$VIP6/128" dev lo nodad
	must on "$1" "$LBCTL" --lock-timeout 60s --instance "$NAME-$1" decap eth0
}

# once, so that neighbours are known before and after
reason tcp 10.0.0.11 >/dev/null || true
reason tcp 2001:db8:3::11 >/dev/null || true
before=$(configured) sockets_before=$(sockets)

prepare_backend b1
declare -A own_address=([4]=10.0.0.1 [6]=2001:db8:3::1)
modes=("dsr 4 4" "dsr 6 6" "ipip 4 4" "ipip 4 6" "ipip 6 4" "ipip 6 6" "gue 4 4" "gue 4 6" "gue 6 4" "gue 6 6")
for mode in "${modes[@]}"; do
	read -r forward vip_family family <<<"$mode"
	what="$forward, IPv$vip_family to IPv$family"
	flags=(--forward "$forward" --vip "$(vip_of "$vip_family")")
	is "$(reason tcp "$(address_of "$family" 1)" "${flags[@]}")" connected "$what: a connection to the VIP"
	is "$(reason http:/,match=b1 "$(address_of "$family" 1)" "${flags[@]}")" "http 200" "$what: and a request"
	is "$(reason "http:/client,match=${own_address[$vip_family]} " "$(address_of "$family" 1)" "${flags[@]}")" "http 200" \
		"$what: from the balancer's own address"
	is "$(reason tcp,port=81 "$(address_of "$family" 1)" "${flags[@]}")" "connect: Connection refused" \
		"$what: a port that nobody listens on"
	is "$(reason tcp,timeout=300ms "$(address_of "$family" 2)" "${flags[@]}")" "timeout: connect" \
		"$what: a backend that has no VIP is not fit, though it answers for itself"
done

prepare_backend b2
for mode in "${modes[@]}"; do
	read -r forward vip_family family <<<"$mode"
	flags=(--forward "$forward" --vip "$(vip_of "$vip_family")")
	is "$(reason http:/,match=b2 "$(address_of "$family" 2)" "${flags[@]}")" "http 200" "$mode: each backend is tried for itself"
done
lbctl -j check probe http:/big 10.0.0.12:80 --forward ipip --vip "$VIP4" -c 2000 -i 0s >"$WORK/many"
is "$(grep -c '"passed":true' "$WORK/many")" 2000 "thousands of them, of large answers"
ok "leave no connection at the backend" await 10 no_connections

must on balancer ip addr add "$VIP4/32" dev lo
is "$(reason tcp 10.0.0.11 --forward dsr --vip "$VIP4")" connected "it may be that the balancer has the VIP too"
must on balancer ip addr del "$VIP4/32" dev lo
must on balancer ip neigh flush all
is "$(reason tcp,interval=1m,timeout=900ms 10.0.0.11 --forward dsr --vip "$VIP4")" connected "a neighbour that is not known is looked for"

start lbctl -q check probe tcp 10.0.0.11:80 --forward gue --vip "$VIP4" -i 0s -c 1000000
await 10 more_sockets || note "nothing was caught"
kill -KILL "$STARTED"
wait "$STARTED" 2>/dev/null || true
forget_process "$STARTED"
is "$(configured)" "$before" "the host is as it was"
ok "its ports, too" await 10 no_more_sockets
is "$(lbctl -j status | jq -c '[(.services | length), .outcomes.forwarded]')" "[0,0]" "the program had no part in it"
checksums_are_right
for part in b1 b2; do
	must on "$part" "$LBCTL" --lock-timeout 60s --instance "$NAME-$part" decap --off
done
finish
