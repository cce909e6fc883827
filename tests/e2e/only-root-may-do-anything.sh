#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Without privileges every verb says "permission denied" by its exit code, and changes nothing.
# shellcheck source=tests/lib/e2e.bash
source "$(dirname "$0")/../lib/e2e.bash"

lab_up --backends 0
nobody() {
	on balancer setpriv --reuid=65534 --regid=65534 --clear-groups "$LBCTL_COPY" --instance "$NAME" "$@"
}
# Where nobody can reach it, wherever the sources lie.
chmod 0755 "$WORK"
LBCTL_COPY=$WORK/lbctl
install -m 0755 "$LBCTL" "$LBCTL_COPY"

refused 6 . "attach where nothing is attached" nobody attach front back
nok "leaves nothing" test -e "$PINS"
must lbctl attach front back
service 4 tcp 80 "1"
before=$(configuration)
while read -ra words; do
	refused 6 . "${words[*]}" nobody "${words[@]}"
done <<'END'
attach front back
detach --force
upgrade
service add other 192.0.2.20:80/tcp
service del web-4-tcp --force
backend weight web-4-tcp 10.0.0.11 7
flow flush --force
status
END
is "$(configuration)" "$before" "nothing was changed"
ok "help needs no privileges" nobody help
ok "nor does version" nobody version
finish
