#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Backends that are added one by one under a running controller start at their full weight while
# all of them are new, or none has had anything to do; who joins others that are at work
# starts slowly.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 4
must lbctl attach front back
must lbctl service add old 192.0.2.11:80/tcp --check "$CHECK"
must lbctl backend add old 10.0.0.11
controller_start

factors_of() { # SERVICE
	value 'map(.slow_start | tostring) | join(" ")' backend list "$1"
}

# all_up SERVICE COUNT: so many backends are there, all of them up.
all_up() {
	[[ $(value 'map(.health) | join(" ")' backend list "$1") == "$(printf ' up%.0s' $(seq "$2") | cut -c2-)" ]]
}

must lbctl service add web-4-tcp "$VIP4:80/tcp" --check "$CHECK"
for number in 1 2 3; do
	must lbctl backend add web-4-tcp "10.0.0.1$number"
	ok "backend $number is added, and up" await 30 all_up web-4-tcp "$number"
	((number > 1)) || load "$VIP4" 80
	load_wait 5
done
is "$(factors_of web-4-tcp)" "1 1 1" "a pool that is built under traffic starts at once"
load_end
no_failures "and nothing is lost"

# The controller sees them when they have been at work already.
kill -STOP "$CONTROLLER"
must lbctl service add whole 192.0.2.12:80/tcp --check "$CHECK"
for number in 1 2 3; do
	must lbctl backend add whole "10.0.0.1$number"
done
fetch 12 "$(url 192.0.2.12)" >"$WORK/fetched"
kill -CONT "$CONTROLLER"
ok "a pool is there, and up" await 30 all_up whole 3
is "$(factors_of whole)" "1 1 1" "all of it starts at once, although it has had traffic"

must lbctl backend add old 10.0.0.12
ok "another is added to a service that had nothing to do" await 30 all_up old 2
is "$(factors_of old)" "1 1" "and starts at once"
is "$(event_count slow-start)" 0 "nobody started slowly"
must lbctl backend del old 10.0.0.12
fetch 10 "$(url 192.0.2.11)" >"$WORK/fetched"
must lbctl backend add old 10.0.0.13
ok "another is added when it had" await 30 has_event slow-start
finish
