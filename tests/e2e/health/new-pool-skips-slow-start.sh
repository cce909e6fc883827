#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Backends that are added one by one under a running controller start with full weight, as long as
# all of them are new or had no traffic. A backend that joins others which are in service for 30 s
# and have traffic starts slowly.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

NEW_S=25 # with a margin: a backend is new for 30 s

balancer_up --backends 4
must lbctl service add old 192.0.2.11:80/tcp --check "$CHECK"
must lbctl backend add old 10.0.0.11
controller_start

factors_of() { # SERVICE
	value 'map(.slow_start | tostring) | join(" ")' backend list "$1"
}

# build_pool NUMBER: a new service with three backends, added in turn under traffic.
build_pool() {
	local vip=192.0.2.2$1 number
	must lbctl service add "pool-$1" "$vip:80/tcp" --check "$CHECK"
	for number in 1 2 3; do
		must lbctl backend add "pool-$1" "10.0.0.1$number"
		await 30 outputs "$(printf ' up%.0s' $(seq "$number") | cut -c2-)" service_health "pool-$1" ||
			fail "backend $number is added and up" "$GOT"
		((number > 1)) || load "$vip" 80
		load_wait 5
	done
}

# On a busy machine the first backend may not be new any more when the last one is up: again.
for ((try = 1; try <= 5; try++)); do
	started=$SECONDS
	build_pool $try
	factors=$(factors_of "pool-$try")
	load_end
	((SECONDS - started > NEW_S)) || break
	note "building the pool took $((SECONDS - started)) s"
done
is "$factors" "1 1 1" "a pool that is built under traffic within $NEW_S s has full weights"
no_failures "no request fails"

# The controller first sees these backends when they have had traffic.
kill -STOP "$CONTROLLER"
must lbctl service add whole 192.0.2.12:80/tcp --check "$CHECK"
for number in 1 2 3; do
	must lbctl backend add whole "10.0.0.1$number"
done
must fetch 12 "$(url 192.0.2.12)"
events=$(event_count slow-start)
kill -CONT "$CONTROLLER"
becomes "up up up" "a pool with traffic comes up as a whole" service_health whole
is "$(factors_of whole)" "1 1 1" "all backends of that pool start with full weight"

must lbctl backend add old 10.0.0.12
becomes "up up" "a backend joins a service without traffic" service_health old
is "$(factors_of old)" "1 1" "the backend starts with full weight"
is "$(event_count slow-start)" "$events" "no backend has an event of a slow start"
must lbctl backend del old 10.0.0.12
must fetch 10 "$(url 192.0.2.11)"
must lbctl backend add old 10.0.0.13
more_slow_starts() {
	(($(event_count slow-start) > events))
}
ok "a backend that joins a service with traffic starts slowly" await 30 more_slow_starts
finish
