# shellcheck shell=bash
# shellcheck disable=SC2034 # the tests use what is set here
# SPDX-License-Identifier: GPL-2.0-only
#
# What tests of packages and services share: a host in the balancer's place, with the real
# systemd, where packages are installed and units are begun. Sourced after e2e.bash and lab_up.
# Nothing of it reaches this machine, and all of it goes with its first process (see tests/lib/shell/boot_container).

HOST= # process id of its first process, as seen from here
PACKAGE= # by package
host_parent=

# One at a time, as each begins a whole system.
host_up() {
	exec 9>"$ROOT/build/host"
	flock 9
	mkdir "$WORK/host"
	start on balancer unshare --mount --pid --fork --cgroup --ipc --uts --kill-child \
		"$ROOT/tests/lib/shell/boot_container" "$WORK/host" 2>"$WORK/boot" 9>&-
	host_parent=$STARTED
	must await 30 host_has_started "$STARTED"
	must await 30 host_is_up
	must on_host udevadm trigger --settle --action=add --subsystem-match=net
}

host_has_started() { # PID of unshare
	HOST=$(timeout 5 pgrep --parent "$1" --exact systemd)
}

# Whatever runs in it goes with its first process, which goes with its parent, which no other signal ends.
host_down() {
	local status=$?
	set +e
	if [[ -n $host_parent ]]; then
		kill -KILL "$host_parent"
		wait "$host_parent" 2>/dev/null
	fi
	(exit "$status")
	cleanup
}
trap host_down EXIT

host_is_up() {
	[[ $(on_host systemctl is-active host.target) == active ]]
}

on_host() { # COMMAND...
	timeout 90 nsenter --target "$HOST" --mount --pid --net --cgroup --ipc --uts --wd=/ -- "$@"
}

# Sets PACKAGE to the sources' package, which is built if it is not.
package() {
	local version
	must env -u MAKEFLAGS -u MAKELEVEL flock "$ROOT/build" make -s -C "$ROOT" deb
	version=$(sed -nE '1s/^lbctl .([0-9.]+).*/\1/p' "$ROOT/debian/changelog")
	PACKAGE=$ROOT/build/lbctl_${version}_$(dpkg --print-architecture).deb
}

host_install() {
	package
	must on_host dpkg -i "$PACKAGE"
}

# Files that the host has and the machine has not, or not so, but for logs and the like.
host_files() {
	{ on_host find /run/written ! -type d ! -path '/run/written/var/l*/dpkg/*' ! -path '/run/written/var/log/*' \
		! -path '/run/written/var/cache/*' ! -path '/run/written/tmp/*' -printf '/%P\n' || true; } | sort
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
