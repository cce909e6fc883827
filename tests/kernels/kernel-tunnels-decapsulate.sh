#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Backends decapsulate with the kernel's tunnel devices (ipip, sit, ip6tnl, fou), which have the
# VIP as an address: HTTP over ipip and gue, each IP version outside and inside, and an upload
# that requires discovery of the tunnel's MTU.
#
# Runs in a virtual machine (tools/kernels), in busybox's shell, because the host's kernel may
# lack tunnel devices. The machine is the balancer. Client and backends are namespaces in it.
set -u

IP=/bin/ip # iproute2; the ip of busybox lacks features
REQUESTS=8
UPLOAD=300000 # bytes
cases=0

check() { # TEXT GOT WANTED
	cases=$((cases + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $cases - $1"
	else
		echo "not ok $cases - $1"
		echo "# got '$2', wanted '$3'"
	fi
}

must() {
	"$@" && return
	echo "# failed: $*"
	exit 1
}

on() { # NAMESPACE COMMAND...
	part=$1
	shift
	nsenter --net="/run/netns/$part" "$@"
}

# Modules depend on each other: failed ones are tried again.
load_modules() {
	for _ in 1 2 3; do
		for module in /modules/*.ko; do
			insmod "$module" 2>/dev/null
		done
	done
}

# A veth pair between the balancer and a namespace. Native XDP on veth redirects only to a peer
# with XDP or GRO, and needs complete checksums, so transmit offloads are off.
wire() { # NAMESPACE DEVICE NET
	must $IP netns add "$1"
	must $IP link add "$2" type veth peer name eth0 netns "$1"
	must $IP addr add "10.0.$3.1/24" dev "$2"
	must $IP addr add "fd0$3::1/64" dev "$2" nodad
	must on "$1" $IP addr add "10.0.$3.2/24" dev eth0
	must on "$1" $IP addr add "fd0$3::2/64" dev eth0 nodad
	must on "$1" $IP link set lo up
	must $IP link set "$2" up
	must on "$1" $IP link set eth0 up
	must on "$1" $IP route add default via "10.0.$3.1"
	must on "$1" $IP route add default via "fd0$3::1"
	must ethtool -K "$2" tx off >/dev/null
	must on "$1" ethtool -K eth0 tx off gro on >/dev/null
}

serve() { # NAMESPACE
	mkdir -p "/tmp/$1/cgi-bin"
	echo "$1" >"/tmp/$1/index.html"
	cat >"/tmp/$1/cgi-bin/count" <<-'END'
		#!/bin/sh
		printf 'Content-Type: text/plain\r\n\r\n'
		wc -c
	END
	chmod 0755 "/tmp/$1/cgi-bin/count"
	on "$1" httpd -h "/tmp/$1"
}

# Brings up the kernel's tunnel devices that accept any source address.
open_tunnels() { # NAMESPACE NET
	must on "$1" $IP link set tunl0 up
	must on "$1" $IP link set sit0 up
	must on "$1" $IP -6 tunnel add any0 mode any local "fd0$2::2" remote ::
	must on "$1" $IP link set any0 up
	# shellcheck disable=SC2016 # expanded by that shell
	must on "$1" sh -c 'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done'
	must on "$1" $IP addr add 192.0.2.10/32 dev tunl0
	must on "$1" $IP addr add 2001:db8::10/128 dev any0 nodad
	must on "$1" $IP fou add port 6080 gue
	must on "$1" $IP -6 fou add port 6080 gue
}

answers() { # URL
	for _ in $(seq $REQUESTS); do
		on client curl -sS --max-time 60 "$1"
	done | sort | uniq -c | awk '{ printf "%s%s=%d", (NR > 1 ? " " : ""), $2, $1 }'
}

# Tests a service. Its VIP and its backends may differ in IP version.
balances() { # FORWARD VIP BACKEND BACKEND TEXT
	must lbctl -q service add web "$2:80/tcp" --forward "$1"
	must lbctl -q backend add web "$3"
	must lbctl -q backend add web "$4"
	check "$5: requests are balanced evenly" "$(answers "http://$2/")" "b1=$((REQUESTS / 2)) b2=$((REQUESTS / 2))"
	check "$5: an upload of $UPLOAD bytes is complete" \
		"$(on client curl -sS --max-time 120 -H 'Expect:' --data-binary @/tmp/upload "http://$2/cgi-bin/count")" "$UPLOAD"
	must lbctl -q service del web --force
}

PATH=/lb/build:$PATH
load_modules
wire client front 1
wire b1 back1 2
wire b2 back2 3
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
for number in 1 2; do
	open_tunnels "b$number" $((number + 1))
	serve "b$number"
done
dd if=/dev/zero of=/tmp/upload bs=$UPLOAD count=1 2>/dev/null
lbctl -q attach front back1 back2 --mode native
check "lbctl attaches in native mode" $? 0
for forward in ipip gue; do
	balances $forward 192.0.2.10 10.0.2.2 10.0.3.2 "$forward, IPv4 in IPv4"
	balances $forward '[2001:db8::10]' 10.0.2.2 10.0.3.2 "$forward, IPv6 in IPv4"
	balances $forward 192.0.2.10 fd02::2 fd03::2 "$forward, IPv4 in IPv6"
	balances $forward '[2001:db8::10]' fd02::2 fd03::2 "$forward, IPv6 in IPv6"
done
lbctl -j status | grep -o '"aborted":[0-9]*' | while read -r aborted; do
	check "no packet is aborted" "$aborted" '"aborted":0'
done
cases=$((cases + 1))
echo "1..$cases"
lbctl -q detach --force
