# shellcheck shell=bash
# shellcheck disable=SC2034 # the tests use what is set here
# SPDX-License-Identifier: GPL-2.0-only
#
# Common part of the tests of the package and its units: a container in the balancer's network
# namespace, with systemd as its first process (tests/lib/shell/boot_container). Packages are
# installed and units started in it; nothing changes on this machine. It ends with its first process.
# Sourced after e2e.bash.

HOST=    # process id of the container's first process, on this machine
PACKAGE= # path, set by package
host_parent=

# Starts the container. One test at a time does so, because each starts a whole system.
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

# The container ends with its first process, which ends with its parent. The parent ignores SIGTERM.
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
	timeout "$((90 * PATIENCE))" nsenter --target "$HOST" --mount --pid --net --cgroup --ipc --uts --wd=/ -- "$@"
}

# Builds the package of these sources if it is not current, and sets PACKAGE.
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

# The files that the container has created or changed, except logs, caches and the like.
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

# lbctl of the installed package.
lbctl_host() { # ARGUMENTS...
	on_host lbctl "$@"
}
