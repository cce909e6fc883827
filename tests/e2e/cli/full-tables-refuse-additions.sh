#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# If the service or backend table is full, an addition is refused with the limit, and changes
# nothing. A deletion frees an entry.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

attach_flags=(--max-services 3 --max-backends 4)
balancer_up --backends 1
for number in 1 2 3; do
	ok "service $number of 3 is added" lbctl service add "s$number" "192.0.2.1$number:80/tcp"
done
before=$(configuration)
refused 5 3 "a fourth service is refused" lbctl service add s4 192.0.2.14:80/tcp
is "$(configuration)" "$before" "the refused service changes nothing"
for number in 1 2 3 4; do
	ok "backend $number of 4 is added" lbctl backend add "s$((number % 3 + 1))" "10.0.0.1$number"
done
before=$(configuration)
refused 5 4 "a fifth backend is refused" lbctl backend add s1 10.0.0.15
is "$(configuration)" "$before" "the refused backend changes nothing"

prints 0 changed "a backend is deleted" lbctl backend del s2 10.0.0.14
prints 0 changed "the free entry is used for another backend" lbctl backend add s1 10.0.0.15
prints 0 changed "a service is deleted" lbctl service del s2
ok "the free entry is used for another service" lbctl service add s4 192.0.2.14:80/tcp
ok "a service and a backend are replaced ten times" sh -c '
	for i in 1 2 3 4 5 6 7 8 9 10; do
		"$@" service del s4 && "$@" service add s4 192.0.2.14:80/tcp && "$@" backend add s4 10.0.0.11 || exit 1
	done' sh nsenter --net="/run/netns/lb-$NAME-balancer" "$LBCTL" --instance "$NAME"
is "$(fetch 10 "$(url 192.0.2.14)")" "b1=10" "the last service works"
checksums_are_right
finish
