#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# By the real systemd: interfaces are attached and the file is applied at boot, the controller does
# all its kinds of checks in its confinement, comes back when it is killed, and cannot detach; and
# stopping what has attached cuts nobody's connection.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/systemd_host.bash
source "$(dirname "$0")/../../lib/shell/systemd_host.bash"

lab_up --backends 2
vips_on_backends
host_up
host_install
ok "where nothing is attached the controller is not missed" unit_is lbctl inactive
not_ok "and nothing has failed" on_host systemctl -q is-failed lbctl

cat >"$WORK/lbctl.yaml" <<'END_OF_FILE'
version: 1
services:
  - {name: web, vip: "192.0.2.10:80/tcp", check: "http:/healthz,interval=500ms",
     backends: [{address: 10.0.0.11}, {address: 10.0.0.12}]}
  - {name: other, vip: "192.0.2.10:8000/tcp", check: "tcp,interval=500ms", backends: [{address: "10.0.0.11:80"}]}
  - {name: direct, vip: "192.0.2.10:8080/tcp", forward: dsr, check: "tcp,interval=500ms", backends: [{address: 10.0.0.11}]}
  - {name: pinged, vip: "192.0.2.10:81/tcp", check: "ping,interval=500ms", backends: [{address: 10.0.0.11}]}
  - {name: tried, vip: "192.0.2.10:82/tcp", backends: [{address: 10.0.0.11}],
     check: "exec:/bin/grep -qE ^CapEff:.0+$ /proc/self/status,interval=500ms"}
END_OF_FILE
must on_host cp "$WORK/lbctl.yaml" /etc/lbctl/lbctl.yaml
must on_host systemctl enable lbctl-attach@front lbctl-attach@back
must on_host systemctl start multi-user.target
is "$(lbctl_host -j status | jq -c '[.attached[].interface]')" '["back","front"]' "what is enabled is attached at boot"
is "$(lbctl_host service list | grep -c /tcp)" 5 "and the file is applied"
ok "the controller runs" await 20 unit_is lbctl active

# As "echo web/10.0.0.11=up ..." of all backends.
all_up() {
	[[ $(lbctl_host -j status | jq -r '[.services[].backends[].health] | unique | join(" ")') == up ]]
}
ok "checks of all kinds pass: http, tcp, past the balancer, ping, and a command without capabilities" await 30 all_up ||
	note "$(lbctl_host status)" "$(journal lbctl)"
like "$(fetch 20 "$(url "$VIP4")") " "^(b[12]=[0-9]+ )+$" "and clients are served"

main() {
	on_host systemctl show -P MainPID lbctl
}
confined=$(on_host grep -E '^(Uid|CapEff|CapAmb|NoNewPrivs|Seccomp):' "/proc/$(main)/status" | awk '{ printf "%s%s ", $1, $2 }')
uid=$(on_host id -u lbctl)
is "$confined" "Uid:$uid CapEff:0000008000003000 CapAmb:0000000000000000 NoNewPrivs:1 Seccomp:2 " \
	"it is a user of its own with three capabilities, none for those it starts, and a filter of system calls"

# As it is, where it is.
as_controller() {
	on_host nsenter --target "$(main)" --mount -- setpriv --reuid=lbctl --regid=lbctl --init-groups "$@"
}
ok "its group reads the maps" as_controller test -r /sys/fs/bpf/lbctl/default/backends
is "$(on_host stat -c '%U %a' /sys/fs/bpf/lbctl/default/links /sys/fs/bpf/lbctl/default/links/front | paste -sd' ')" \
	"root 700 root 600" "but links are root's own"
not_ok "so it cannot take one away" as_controller rm /sys/fs/bpf/lbctl/default/links/front
not_ok "nor detach" as_controller lbctl detach --force
is "$(lbctl_host -j status | jq -c '[.attached[].interface]')" '["back","front"]' "all is attached as before"

load "$VIP4" 80 --keep 2
load_wait 20
before=$(main)
must on_host kill -KILL "$before"
new_controller_runs() {
	local now
	now=$(main)
	((now && now != before)) && unit_is lbctl active
}
ok "a killed controller is begun anew" await 30 new_controller_runs
ok "and reads anew when told" on_host systemctl reload lbctl
load_wait 20
load_end
no_failures "no request failed meanwhile"

session_start http-kept "$VIP4" 8000
session_send /
is "$RECEIVED" b1 "a client speaks to a backend"
must on_host systemctl stop lbctl-attach@front lbctl-attach@back
ok "who stops what has attached is refused: the unit has failed" unit_is lbctl-attach@front failed
like "$(journal lbctl-attach@front)" "active flow" "and why"
session_send /
is "$RECEIVED" b1 "the client goes on"
ok "starting it is as before" on_host systemctl start lbctl-attach@front lbctl-attach@back
session_send /
is "$RECEIVED" b1 "and nobody noticed"
session_end
must lbctl_host flow flush --force
ok "without flows it stops" on_host systemctl stop lbctl-attach@front lbctl-attach@back
refused 8 . "and is detached" lbctl_host status
ok "the controller has nothing left to do" await 20 unit_is lbctl inactive
finish
