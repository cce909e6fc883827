#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With no place left an add is refused by name and number, and what is there stays.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 1
must lbctl attach front back --max-services 3 --max-backends 4
for number in 1 2 3; do
	ok "service $number of 3 fits" lbctl service add "s$number" "192.0.2.1$number:80/tcp"
done
before=$(configuration)
refused 5 3 "a fourth does not" lbctl service add s4 192.0.2.14:80/tcp
is "$(configuration)" "$before" "and changes nothing"
for number in 1 2 3 4; do
	ok "backend $number of 4 fits" lbctl backend add "s$((number % 3 + 1))" "10.0.0.1$number"
done
before=$(configuration)
refused 5 4 "a fifth does not" lbctl backend add s1 10.0.0.15
is "$(configuration)" "$before" "and changes nothing"

prints 0 changed "a deleted backend" lbctl backend del s2 10.0.0.14
prints 0 changed "makes room for another" lbctl backend add s1 10.0.0.15
prints 0 changed "a deleted service" lbctl service del s2
ok "makes room for another, and so do its backends" lbctl service add s4 192.0.2.14:80/tcp
ok "again and again" sh -c '
	for i in 1 2 3 4 5 6 7 8 9 10; do
		"$@" service del s4 && "$@" service add s4 192.0.2.14:80/tcp && "$@" backend add s4 10.0.0.11 || exit 1
	done' sh nsenter --net="/run/netns/lb-$NAME-balancer" "$LBCTL" --instance "$NAME"
is "$(fetch 10 "$(url 192.0.2.14)")" "b1=10" "the last one works"
checksums_are_right
finish
