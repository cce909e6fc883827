# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What tests of packages and services share: a host in the balancer's place, with the real
# systemd, where packages are installed and units are begun. Sourced after e2e.bash and lab_up.
# Nothing of it reaches this machine, and all of it goes with its first process (see tests/lib/boot).

HOST= # process id of its first process, as seen from here

host_up() {
	mkdir "$WORK/host"
	start on balancer unshare --mount --pid --fork --cgroup --ipc --uts --kill-child \
		"$ROOT/tests/lib/boot" "$WORK/host" 2>"$WORK/boot"
	must await 10 host_has_begun "$STARTED"
	must await 30 host_is_up
	must on_host udevadm trigger --settle --action=add --subsystem-match=net
}

host_has_begun() { # PID of unshare
	read -r HOST _ < <(cat "/proc/$1/task/$1/children" && echo) && [[ $(<"/proc/$HOST/comm") == systemd ]]
}

# Whatever runs in it goes with its first process, which no other signal ends.
host_down() {
	local status=$?
	set +e
	[[ -z $HOST ]] || kill -KILL "$HOST"
	(exit "$status")
	cleanup
}
trap host_down EXIT

host_is_up() {
	[[ $(on_host systemctl is-active host.target) == active ]]
}

on_host() { # COMMAND...
	nsenter --target "$HOST" --mount --pid --net --cgroup --ipc --uts --wd=/ -- "$@"
}

# The sources' package, built if it is not; and what of it is the machine's own is not seen.
package() {
	make -s -C "$ROOT" deb >"$WORK/package.out" 2>&1 || {
		note "$(<"$WORK/package.out")"
		return 1
	}
	find "$ROOT"/build -maxdepth 1 -name 'lbctl_*.deb'
}

journal() { # UNIT
	on_host journalctl --no-pager --output cat --unit "$1"
}

unit_is() { # UNIT STATE
	[[ $(on_host systemctl is-active "$1") == "$2" ]]
}

# The lbctl of the host: lbctl_host ARGUMENTS...
lbctl_host() {
	on_host lbctl "$@"
}
