#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What `ipvsadm -Sn` prints and what keepalived reads become a file that is valid, is
# applied, and balances as it did; what has no equivalent is told; files include others.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 3
must lbctl attach front back

cat >"$WORK/ipvsadm" <<'END'
-A -t 192.0.2.10:80 -s wrr
-a -t 192.0.2.10:80 -r 10.0.0.11:80 -m -w 5
-a -t 192.0.2.10:80 -r 10.0.0.12:80 -m -w 3
-a -t 192.0.2.10:80 -r 10.0.0.13:80 -m -w 1
-A -t [2001:db8:2::10]:80 -s rr
-a -t [2001:db8:2::10]:80 -r [2001:db8:3::11]:80 -m -w 1
-a -t [2001:db8:2::10]:80 -r [2001:db8:3::12]:80 -m -w 1
END
lbctl import ipvsadm -f "$WORK/ipvsadm" --strict >"$WORK/lbctl.yaml" 2>"$WORK/err" || echo "status $?" >>"$WORK/err"
is "$(<"$WORK/err")" "" "nothing is told of what has its equivalent"
ok "the file is valid" lbctl validate -f "$WORK/lbctl.yaml"
prints 0 changed "and applied" lbctl apply -f "$WORK/lbctl.yaml" --prune
is "$(fetch 90 "$(url "$VIP4")")" "b1=50 b2=30 b3=10" "traffic flows by the weights"
is "$(fetch 10 "$(url "$VIP6")")" "b1=5 b2=5" "and over IPv6"
lbctl -j import ipvsadm -f - <"$WORK/ipvsadm" >"$WORK/lbctl.json"
ok "as JSON it is JSON" jq -e '.services[0].vip == "192.0.2.10:80/tcp"' "$WORK/lbctl.json"
prints 0 unchanged "and the same" lbctl apply -f "$WORK/lbctl.json" --prune

mkdir "$WORK/conf.d"
cat >"$WORK/keepalived.conf" <<'END'
vrrp_instance one {
	virtual_ipaddress { 192.0.2.10 }
}
include conf.d/*.conf
END
cat >"$WORK/conf.d/web.conf" <<'END'
virtual_server 192.0.2.10 80 {
	delay_loop 1
	lb_algo rr
	lb_kind NAT
	quorum 2
	real_server 10.0.0.12 80 {
		HTTP_GET {
			url {
				path /
				status_code 200
			}
			connect_timeout 1
			retry 1
			delay_before_retry 1
		}
	}
	real_server 10.0.0.13 80 {
		HTTP_GET {
			url {
				path /
				status_code 200
			}
			connect_timeout 1
			retry 1
			delay_before_retry 1
		}
	}
}
END
status=0
lbctl import keepalived -f "$WORK/keepalived.conf" --strict >"$WORK/lbctl.yaml" 2>"$WORK/err" || status=$?
is "$status" 1 "what has no equivalent is told by --strict with exit code 1"
is "$(<"$WORK/err")" "$WORK/keepalived.conf:1:1: warning: vrrp_instance has no equivalent: omitted
$WORK/conf.d/web.conf:5:2: warning: quorum has no equivalent: omitted" "with its place, in files that are included too"
is "$(grep '^#' "$WORK/lbctl.yaml")" "$(sed 's/^/# /' "$WORK/err")" "and in the file, as comments"
prints 0 "" "this file is valid as well" lbctl validate -f "$WORK/lbctl.yaml"
prints 0 changed "and applied" lbctl apply -f "$WORK/lbctl.yaml" --prune
ok "its checks say that the backends are up" lbctl check
is "$(fetch 10 "$(url "$VIP4")")" "b2=5 b3=5" "traffic flows"

# wrong TEXT WANTED CONTENT: of the file, nothing but what is wrong comes out.
wrong() {
	local status=0
	printf '%s\n' "$3" >"$WORK/wrong.conf"
	(cd "$WORK" && lbctl import keepalived -f wrong.conf) >"$WORK/out" 2>"$WORK/err" || status=$?
	is "$status $(<"$WORK/err")$(<"$WORK/out")" "$2" "$1"
}
wrong "what is wrong is pointed at" "3 wrong.conf:2:10: error: unknown scheduler 'wrx'; did you mean 'wrr'?
 lb_algo wrx
         ^" "virtual_server 192.0.2.10 80 {
 lb_algo wrx
}"
wrong "a file that is not there" "3 wrong.conf:1:9: error: no such file
include none/*.conf
        ^" "include none/*.conf"
printf 'include loop.conf\n' >"$WORK/loop.conf"
status=0
lbctl import keepalived -f "$WORK/loop.conf" >"$WORK/out" 2>&1 || status=$?
is "$status" 3 "a file that includes itself comes to an end"
refused 3 "expected ipvsadm or keepalived" "other formats" lbctl import haproxy -f "$WORK/loop.conf"
refused 2 "missing --file" "a file has to be named" lbctl import ipvsadm
refused 3 "No such file" "and be there" lbctl import ipvsadm -f "$WORK/none"
finish
