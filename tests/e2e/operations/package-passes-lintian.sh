#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The package passes lintian, its units are confined as documented, and its completions, manual
# pages, example and options are valid. make install installs the same files, and make uninstall
# leaves only configuration.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/systemd_host.bash
source "$(dirname "$0")/../../lib/shell/systemd_host.bash"

package
version=$("$LBCTL" version | awk '{ print $2; exit }')
is "$(dpkg-deb -f "$PACKAGE" Version)" "$version" "its version is that of lbctl"
is "$(lintian --allow-root --display-info --pedantic "$ROOT"/build/lbctl*_"$version"_*.deb 2>&1)" "" "lintian finds nothing"

root=$WORK/root
must dpkg-deb -x "$PACKAGE" "$root"
units=$root/lib/systemd/system
like "$(systemd-analyze security --offline=true --no-pager "$units/lbctl.service" | tail -n 1)" 'level for lbctl.service: [0-9]' \
	"systemd-analyze rates the controller's unit"
note "$(systemd-analyze security --offline=true --no-pager "$units/lbctl.service" | tail -n 1)"
for unit in lbctl.service lbctl-netns-helper@.service; do
	ok "the exposure of $unit is at most 2.1" systemd-analyze security --offline=true --threshold=21 --no-pager "$units/$unit"
done
for shell in bash zsh fish; do
	file=$(grep -rl 'lbctl completion words' "$root/usr/share/" | grep "/$shell" || true)
	ok "the completion for $shell is current" cmp "$file" <("$LBCTL" completion $shell)
done
for page in man8/lbctl.8 man5/lbctl.yaml.5; do
	ok "the manual page $page is included" test -s "$root/usr/share/man/$page.gz"
done
is "$(dpkg-deb --ctrl-tarfile "$PACKAGE" | tar -xO ./conffiles | sort | paste -sd' ')" "/etc/default/lbctl /etc/lbctl/example.yaml" \
	"the files in /etc are configuration files"
ok "the example is valid" "$LBCTL" validate -f "$root/etc/lbctl/example.yaml"
ok "the options file has the syntax of a shell" sh -n "$root/etc/default/lbctl"
is "$(grep -hoE '\$\{?LBCTL_[A-Z_]+' "$units"/* | grep -oE 'LBCTL_.*' | sort -u | paste -sd' ')" \
	"$(grep -oE 'LBCTL_[A-Z_]+' "$root/etc/default/lbctl" | sort -u | paste -sd' ')" "the options file has all options of the units"

unset MAKEFLAGS MAKELEVEL
must flock "$ROOT/build" make -s -C "$ROOT" install DESTDIR="$WORK/local"
installed_files() {
	(cd "$1" && find . -type f -printf '%f\n' | grep -vE '^(changelog.gz|copyright|README.md.gz|lbctl)$' | sed 's/\.gz$//' | sort | paste -sd' ')
}
is "$(installed_files "$WORK/local")" "$(installed_files "$root")" "make install installs the files of the package"
ok "units use the path of the installation" grep -q '^ExecStart=/usr/local/sbin/lbctl ' "$WORK/local/usr/local/lib/systemd/system/lbctl.service"
echo "mine" >"$WORK/local/etc/default/lbctl"
must flock "$ROOT/build" make -s -C "$ROOT" install DESTDIR="$WORK/local"
is "$(<"$WORK/local/etc/default/lbctl")" "mine" "make install, repeated, keeps changed options"
must make -s -C "$ROOT" uninstall DESTDIR="$WORK/local"
is "$(cd "$WORK/local" && find . -type f | sort | paste -sd' ')" "./etc/default/lbctl ./etc/lbctl/example.yaml" "make uninstall leaves configuration only"
finish
