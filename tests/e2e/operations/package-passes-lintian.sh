#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The package is to lintian's liking, its services are confined as promised, and what it brings is
# right: completions, manual pages, examples, options. make install puts the same in place, and
# uninstall leaves configuration only.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/systemd_host.bash
source "$(dirname "$0")/../../lib/shell/systemd_host.bash"

package
version=$("$LBCTL" version | awk '{ print $2; exit }')
is "$(dpkg-deb -f "$PACKAGE" Version)" "$version" "its version is what lbctl says"
is "$(lintian --allow-root --display-info --pedantic "$ROOT"/build/lbctl*_"$version"_*.deb 2>&1)" "" "lintian finds nothing"

root=$WORK/root
must dpkg-deb -x "$PACKAGE" "$root"
units=$root/lib/systemd/system
like "$(systemd-analyze security --offline=true --no-pager "$units/lbctl.service" | tail -n 1)" 'level for lbctl.service: [0-9]' \
	"the controller's confinement is measured"
note "$(systemd-analyze security --offline=true --no-pager "$units/lbctl.service" | tail -n 1)"
for unit in lbctl.service lbctl-netns-helper@.service; do
	ok "the exposure of $unit is 2.1 at most" systemd-analyze security --offline=true --threshold=21 --no-pager "$units/$unit"
done
for shell in bash zsh fish; do
	file=$(grep -rl 'lbctl completion words' "$root/usr/share/" | grep "/$shell" || true)
	ok "it has completion for $shell" cmp "$file" <("$LBCTL" completion $shell)
done
for page in man8/lbctl.8 man5/lbctl.yaml.5; do
	ok "it has the manual page $page" test -s "$root/usr/share/man/$page.gz"
done
is "$(dpkg-deb --ctrl-tarfile "$PACKAGE" | tar -xO ./conffiles | sort | paste -sd' ')" "/etc/default/lbctl /etc/lbctl/example.yaml" \
	"what is in /etc is the operator's to change"
ok "the example is right" "$LBCTL" validate -f "$root/etc/lbctl/example.yaml"
ok "options are a shell's" sh -n "$root/etc/default/lbctl"
is "$(grep -hoE '\$\{?LBCTL_[A-Z_]+' "$units"/* | grep -oE 'LBCTL_.*' | sort -u | paste -sd' ')" \
	"$(grep -oE 'LBCTL_[A-Z_]+' "$root/etc/default/lbctl" | sort -u | paste -sd' ')" "and all those that units know"

unset MAKEFLAGS MAKELEVEL
must flock "$ROOT/build" make -s -C "$ROOT" install DESTDIR="$WORK/local"
installed_files() {
	(cd "$1" && find . -type f -printf '%f\n' | grep -vE '^(changelog.gz|copyright|README.md.gz|lbctl)$' | sed 's/\.gz$//' | sort | paste -sd' ')
}
is "$(installed_files "$WORK/local")" "$(installed_files "$root")" "make install puts the same in place"
ok "under /usr/local, and so that units find it there" grep -q '^ExecStart=/usr/local/sbin/lbctl ' "$WORK/local/usr/local/lib/systemd/system/lbctl.service"
echo "mine" >"$WORK/local/etc/default/lbctl"
must flock "$ROOT/build" make -s -C "$ROOT" install DESTDIR="$WORK/local"
is "$(<"$WORK/local/etc/default/lbctl")" "mine" "again, it leaves the operator's options alone"
must make -s -C "$ROOT" uninstall DESTDIR="$WORK/local"
is "$(cd "$WORK/local" && find . -type f | sort | paste -sd' ')" "./etc/default/lbctl ./etc/lbctl/example.yaml" "uninstall leaves these"
finish
