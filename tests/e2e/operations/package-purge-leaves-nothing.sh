#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The package is installed, upgraded under traffic without a request lost, and purged, after which
# nothing of it is left: no file, user, pin or program. All in a host of its own, which the
# machine's packages know nothing of.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/systemd_host.bash
source "$(dirname "$0")/../../lib/shell/systemd_host.bash"

# newer PACKAGE: the same of the next version, as $WORK/newer.deb.
newer() {
	must dpkg-deb -R "$1" "$WORK/newer"
	sed -i 's/^Version: .*/&.1/' "$WORK/newer/DEBIAN/control"
	must dpkg-deb --root-owner-group -b "$WORK/newer" "$WORK/newer.deb"
}

program() {
	on balancer ip -j -d link show dev front | jq -r '.[0].xdp.prog.id'
}

main() {
	on_host systemctl show -P MainPID lbctl
}

lab_up --backends 3
host_up
host_files >"$WORK/before"
cp /var/lib/dpkg/status "$WORK/status"
host_install
ok "it is installed" lbctl_host version
is "$(on_host systemctl is-enabled lbctl lbctl-apply | paste -sd' ')" "enabled enabled" "and its services are enabled"

must on_host systemctl enable --now lbctl-attach@front lbctl-attach@back
must lbctl_host service add web 192.0.2.10:80/tcp --check http:/healthz,interval=500ms
for number in 1 2 3; do
	must lbctl_host backend add web "10.0.0.1$number"
done
must lbctl_host backend drain web 10.0.0.13
must on_host sh -c 'echo "LBCTL_RUN_OPTIONS=--quiet" >>/etc/default/lbctl'
must on_host systemctl start lbctl
before=$(program)
controller=$(main)
newer "$PACKAGE"
load "$VIP4" 80 --keep 6
load_wait 100
ok "an upgrade under traffic" on_host dpkg -i "$WORK/newer.deb"
load_wait 100
load_end
no_failures "loses no request"
connections_stayed "and moves no connection"
not_ok "the program is the newer one's" test "$(program)" = "$before"
ok "the controller runs" unit_is lbctl active
not_ok "another one" test "$(main)" = "$controller"
is "$(lbctl_host -j status | jq -c '[.services[].backends[].state]')" '["ready","ready","drain"]' "all is as the operator said"
ok "so are options" on_host grep -q ^LBCTL_RUN_OPTIONS=--quiet /etc/default/lbctl

ok "it is removed" on_host dpkg -r lbctl
is "$(on balancer ip -j -d link show | jq -c '[.[].xdp // empty]')" "[]" "and with it the program"
is "$(on_host find /sys/fs/bpf -mindepth 1 | grep -c lbctl || true)" 0 "and its pins"
ok "configuration stays" on_host test -e /etc/default/lbctl
ok "until it is purged" on_host dpkg -P lbctl
host_files >"$WORK/after"
# What every package's coming and going touches.
left=$(comm -13 "$WORK/before" "$WORK/after" | grep -vE '^/etc/((passwd|group|g?shadow|subuid|subgid)-?|\.pwd\.lock|ld\.so\.cache)$|^/var/lib/systemd/deb-systemd-helper-enabled$' || true)
is "$left" "" "no file is left"
is "$(on_host find /etc /var/lib/systemd /lib/systemd -name '*lbctl*')" "" "nor a link to one"
not_ok "nor its user" on_host getent passwd lbctl
not_ok "nor its group" on_host getent group lbctl
is "$(on_host systemctl list-units --plain --no-legend 'lbctl*')" "" "nor a unit"
ok "the machine's packages are as they were" cmp /var/lib/dpkg/status "$WORK/status"
finish
