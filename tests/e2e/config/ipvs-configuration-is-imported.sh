#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# import converts the output of `ipvsadm -Sn` and a keepalived configuration, with its includes, to
# a valid file with the same balancing. It warns of what has no equivalent.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 3

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
is "$(<"$WORK/err")" "" "import of ipvsadm prints no warning"
ok "the imported file is valid" lbctl validate -f "$WORK/lbctl.yaml"
prints 0 changed "the imported file is applied" lbctl apply -f "$WORK/lbctl.yaml" --prune
is "$(fetch 90 "$(url "$VIP4")")" "b1=50 b2=30 b3=10" "traffic follows the imported weights"
is "$(fetch 10 "$(url "$VIP6")")" "b1=5 b2=5" "IPv6 traffic follows the imported weights"
lbctl -j import ipvsadm -f - <"$WORK/ipvsadm" >"$WORK/lbctl.json"
ok "-j import prints JSON" jq -e '.services[0].vip == "192.0.2.10:80/tcp"' "$WORK/lbctl.json"
prints 0 unchanged "the JSON has the same configuration" lbctl apply -f "$WORK/lbctl.json" --prune

mkdir "$WORK/conf.d"
cat >"$WORK/keepalived.conf" <<'END'
vrrp_instance one {
	virtual_ipaddress { 192.0.2.10 }
}
include conf.d/*.conf
END
cat >"$WORK/conf.d/web.conf" <<'END'
virtual_server 192.0.2.10 80 {
	delay_loop 20
	lb_algo rr
	lb_kind NAT
	quorum 2
	real_server 10.0.0.12 80 {
		HTTP_GET {
			url {
				path /
				status_code 200
			}
			connect_timeout 20
			retry 1
			delay_before_retry 20
		}
	}
	real_server 10.0.0.13 80 {
		HTTP_GET {
			url {
				path /
				status_code 200
			}
			connect_timeout 20
			retry 1
			delay_before_retry 20
		}
	}
}
END
status=0
lbctl import keepalived -f "$WORK/keepalived.conf" --strict >"$WORK/lbctl.yaml" 2>"$WORK/err" || status=$?
is "$status" 1 "--strict has exit code 1 after a warning"
is "$(<"$WORK/err")" "$WORK/keepalived.conf:1:1: warning: vrrp_instance has no equivalent: omitted
$WORK/conf.d/web.conf:5:2: warning: quorum has no equivalent: omitted" "warnings have file, line and column, also of an included file"
is "$(grep '^#' "$WORK/lbctl.yaml")" "$(sed 's/^/# /' "$WORK/err")" "the imported file has the warnings as comments"
prints 0 "" "the file imported from keepalived is valid" lbctl validate -f "$WORK/lbctl.yaml"
prints 0 changed "the file imported from keepalived is applied" lbctl apply -f "$WORK/lbctl.yaml" --prune
ok "the imported checks pass" lbctl check
is "$(fetch 10 "$(url "$VIP4")")" "b2=5 b3=5" "traffic is balanced"

# wrong TEXT WANTED CONTENT: importing a file of this content prints the error only.
wrong() {
	local status=0
	printf '%s\n' "$3" >"$WORK/wrong.conf"
	(cd "$WORK" && lbctl import keepalived -f wrong.conf) >"$WORK/out" 2>"$WORK/err" || status=$?
	is "$status $(<"$WORK/err")$(<"$WORK/out")" "$2" "$1"
}
wrong "a caret points to the error" "3 wrong.conf:2:10: error: unknown scheduler 'wrx'; did you mean 'wrr'?
 lb_algo wrx
         ^" "virtual_server 192.0.2.10 80 {
 lb_algo wrx
}"
wrong "a missing file" "3 wrong.conf:1:9: error: no such file
include none/*.conf
        ^" "include none/*.conf"
printf 'include loop.conf\n' >"$WORK/loop.conf"
status=0
lbctl import keepalived -f "$WORK/loop.conf" >"$WORK/out" 2>&1 || status=$?
is "$status" 3 "a file that includes itself is refused"
refused 3 "expected ipvsadm or keepalived" "an unknown format is refused" lbctl import haproxy -f "$WORK/loop.conf"
refused 2 "missing --file" "import without a file is refused" lbctl import ipvsadm
refused 3 "No such file" "a missing file is refused" lbctl import ipvsadm -f "$WORK/none"
finish
