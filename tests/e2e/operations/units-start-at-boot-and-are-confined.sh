#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With systemd in a container: units attach interfaces and apply the file at boot. The confined
# controller makes all types of checks, is restarted after a kill, and cannot detach. Stopping the
# units that attach is refused while flows are active.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/systemd_host.bash
source "$(dirname "$0")/../../lib/shell/systemd_host.bash"

lab_up --backends 2
vips_on_backends
host_up
host_install
ok "without an instance the controller does not start" unit_is lbctl inactive
not_ok "without an instance the controller does not fail" on_host systemctl -q is-failed lbctl

cat >"$WORK/lbctl.yaml" <<'END_OF_FILE'
version: 1
services:
  - {name: web, vip: "192.0.2.10:80/tcp", check: "http:/healthz,interval=1s",
     backends: [{address: 10.0.0.11}, {address: 10.0.0.12}]}
  - {name: other, vip: "192.0.2.10:8000/tcp", check: "tcp,interval=1s", backends: [{address: "10.0.0.11:80"}]}
  - {name: direct, vip: "192.0.2.10:8080/tcp", forward: dsr, check: "tcp,interval=1s", backends: [{address: 10.0.0.11}]}
  - {name: pinged, vip: "192.0.2.10:81/tcp", check: "ping,interval=1s", backends: [{address: 10.0.0.11}]}
  - {name: tried, vip: "192.0.2.10:82/tcp", backends: [{address: 10.0.0.11}],
     check: "exec:/bin/grep -qE ^CapEff:.0+$ /proc/self/status,interval=1s"}
END_OF_FILE
must on_host cp "$WORK/lbctl.yaml" /etc/lbctl/lbctl.yaml
must on_host systemctl enable lbctl-attach@front lbctl-attach@back
must on_host systemctl start multi-user.target
is "$(lbctl_host -j status | jq -c '[.attached[].interface]')" '["back","front"]' "enabled interfaces are attached at boot"
is "$(lbctl_host service list | grep -c /tcp)" 5 "the file is applied at boot"
ok "the controller runs" await 20 unit_is lbctl active

all_up() {
	[[ $(lbctl_host -j status | jq -r '[.services[].backends[].health] | unique | join(" ")') == up ]]
}
ok "checks pass: http, tcp, tcp to the VIP (dsr), ping, exec without capabilities" await 30 all_up ||
	note "$(lbctl_host status)" "$(journal lbctl)"
like "$(fetch 20 "$(url "$VIP4")") " "^(b[12]=[0-9]+ )+$" "clients get answers"

controller_pid() {
	on_host systemctl show -P MainPID lbctl
}
confined=$(on_host grep -E '^(Uid|CapEff|CapAmb|NoNewPrivs|Seccomp):' "/proc/$(controller_pid)/status" | awk '{ printf "%s%s ", $1, $2 }')
uid=$(on_host id -u lbctl)
is "$confined" "Uid:$uid CapEff:0000008000003000 CapAmb:0000000000000000 NoNewPrivs:1 Seccomp:2 " \
	"it has its own user, three capabilities, none for children, and a seccomp filter"

# Runs a command as the controller's user, in its mount namespace.
as_controller() {
	on_host nsenter --target "$(controller_pid)" --mount -- setpriv --reuid=lbctl --regid=lbctl --init-groups "$@"
}
ok "the controller's group can read the maps" as_controller test -r /sys/fs/bpf/lbctl/default/backends
is "$(on_host stat -c '%U %a' /sys/fs/bpf/lbctl/default/links /sys/fs/bpf/lbctl/default/links/front | paste -sd' ')" \
	"root 700 root 600" "only root has access to the links"
not_ok "the controller's user cannot remove a link" as_controller rm /sys/fs/bpf/lbctl/default/links/front
not_ok "the controller's user cannot detach" as_controller lbctl detach --force
is "$(lbctl_host -j status | jq -c '[.attached[].interface]')" '["back","front"]' "all interfaces are still attached"

load "$VIP4" 80 --keep 2
load_wait 20
before=$(controller_pid)
must on_host kill -KILL "$before"
new_controller_runs() {
	local now
	now=$(controller_pid)
	((now && now != before)) && unit_is lbctl active
}
ok "a killed controller is restarted" await 30 new_controller_runs
ok "the controller reloads" on_host systemctl reload lbctl
load_wait 20
load_end
no_failures "no request failed"

session_start http-kept "$VIP4" 8000
session_send /
is "$RECEIVED" b1 "a client has a connection to a backend"
must on_host systemctl stop lbctl-attach@front lbctl-attach@back
ok "stopping a unit that attaches fails while a flow is active" unit_is lbctl-attach@front failed
like "$(journal lbctl-attach@front)" "active flow" "the journal has the reason"
session_send /
is "$RECEIVED" b1 "the connection works after the failed stop"
ok "the units start again" on_host systemctl start lbctl-attach@front lbctl-attach@back
session_send /
is "$RECEIVED" b1 "the connection works after the start"
session_end
must lbctl_host flow flush --force
ok "without flows the units stop" on_host systemctl stop lbctl-attach@front lbctl-attach@back
refused 8 . "stopping the units detaches" lbctl_host status
ok "the controller stops after detach" await 20 unit_is lbctl inactive
finish
