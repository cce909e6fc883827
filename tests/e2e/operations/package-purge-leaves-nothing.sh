#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The package is installed, upgraded under traffic without a failed request, and purged. No file,
# user, pin or program is left. All this happens in a container; the host's packages are unchanged.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/systemd_host.bash
source "$(dirname "$0")/../../lib/shell/systemd_host.bash"

# Makes a package of a higher version, $WORK/newer.deb, from PACKAGE.
make_newer() { # PACKAGE
	must dpkg-deb -R "$1" "$WORK/newer"
	sed -i 's/^Version: .*/&.1/' "$WORK/newer/DEBIAN/control"
	must dpkg-deb --root-owner-group -b "$WORK/newer" "$WORK/newer.deb"
}

program() {
	on balancer ip -j -d link show dev front | jq -r '.[0].xdp.prog.id'
}

controller_pid() {
	on_host systemctl show -P MainPID lbctl
}

lab_up --backends 3
host_up
host_files >"$WORK/before"
cp /var/lib/dpkg/status "$WORK/status"
host_install
ok "the package is installed" lbctl_host version
is "$(on_host systemctl is-enabled lbctl lbctl-apply | paste -sd' ')" "enabled enabled" "its services are enabled"

must on_host systemctl enable --now lbctl-attach@front lbctl-attach@back
must lbctl_host service add web 192.0.2.10:80/tcp --check http:/healthz,interval=1s
for number in 1 2 3; do
	must lbctl_host backend add web "10.0.0.1$number"
done
must lbctl_host backend drain web 10.0.0.13
must on_host sh -c 'echo "LBCTL_RUN_OPTIONS=--quiet" >>/etc/default/lbctl'
must on_host systemctl start lbctl
before=$(program)
controller=$(controller_pid)
make_newer "$PACKAGE"
load "$VIP4" 80 --keep 6
load_wait 100
ok "the package is upgraded under traffic" on_host dpkg -i "$WORK/newer.deb"
load_wait 100
load_end
no_failures "no request failed"
connections_stayed "no connection moved"
not_ok "the upgrade has replaced the program" test "$(program)" = "$before"
ok "a controller runs after the upgrade" await 20 unit_is lbctl active
not_ok "the upgrade has restarted the controller" test "$(controller_pid)" = "$controller"
is "$(lbctl_host -j status | jq -c '[.services[].backends[].state]')" '["ready","ready","drain"]' "the upgrade keeps overrides"
ok "the upgrade keeps options" on_host grep -q ^LBCTL_RUN_OPTIONS=--quiet /etc/default/lbctl

ok "the package is removed" on_host dpkg -r lbctl
is "$(on balancer ip -j -d link show | jq -c '[.[].xdp // empty]')" "[]" "no program is attached after the removal"
is "$(on_host find /sys/fs/bpf -mindepth 1 | grep -c lbctl || true)" 0 "no pin is left after the removal"
ok "configuration files are left after the removal" on_host test -e /etc/default/lbctl
ok "the package is purged" on_host dpkg -P lbctl
host_files >"$WORK/after"
# Other files change with every package.
left=$(comm -13 "$WORK/before" "$WORK/after" | grep -vE '^/etc/((passwd|group|g?shadow|subuid|subgid)-?|\.pwd\.lock|ld\.so\.cache)$|^/var/lib/systemd/deb-systemd-helper-enabled$' || true)
is "$left" "" "no file is left"
is "$(on_host find /etc /var/lib/systemd /lib/systemd -name '*lbctl*')" "" "no link to a unit is left"
not_ok "no user is left" on_host getent passwd lbctl
not_ok "no group is left" on_host getent group lbctl
is "$(on_host systemctl list-units --plain --no-legend 'lbctl*')" "" "no unit is left"
ok "the host's packages are unchanged" cmp /var/lib/dpkg/status "$WORK/status"
finish
