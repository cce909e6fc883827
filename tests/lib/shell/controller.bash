# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Common part of the tests of health checks: a controller, and backends that stop and start.
# Sourced after e2e.bash.
# shellcheck disable=SC2034 # the tests use what is set here

CONTROLLER= # process id, set by controller_start
CONTROLLER_FLAGS=()
# Three timeouts in turn mark a backend down, so a busy machine needs to stall for 3 s.
CHECK=tcp,interval=1s,timeout=1s,fast=200ms

# Starts a controller and waits until it is ready; its log is $WORK/controller.
controller_start() {
	start lbctl "${CONTROLLER_FLAGS[@]}" run 2>>"$WORK/controller"
	CONTROLLER=$STARTED
	must await 20 controller_runs "$CONTROLLER"
}

controller_runs() { # PID
	[[ $(lbctl -j status | jq -c .controller) == "{\"running\":true,\"pid\":$1}" ]]
}

controller_stop() {
	stop "$CONTROLLER"
}

controller_kill() {
	stop_hard "$CONTROLLER"
}

backend_directory() { # BACKEND-NUMBER
	echo "/run/lbctl-lab-$NAME/b$1"
}

listens() { # BACKEND-NUMBER
	[[ -n $(on "b$1" ss -Hltn 'sport = :80') ]]
}

not_listening() { # BACKEND-NUMBER
	! listens "$1"
}

backend_kill() { # BACKEND-NUMBER
	kill -TERM "$(<"$(backend_directory "$1")/pid")"
	must await 20 not_listening "$1"
}

backend_revive() { # BACKEND-NUMBER
	local home
	home=$(backend_directory "$1")
	on "b$1" nginx -p "$home" -e "$home/error.log" -c "$home/nginx.conf"
	must await 20 listens "$1"
}

health() { # BACKEND-NUMBER... of web-4-tcp: "up down"
	local number words=
	for number in "$@"; do
		words+="$(backend_field web-4-tcp "$number" health) "
	done
	echo "${words% }"
}

# health_becomes WORDS TEXT BACKEND-NUMBER...: within the time limit.
health_becomes() {
	becomes "$1" "$2" health "${@:3}"
}

service_health() { # SERVICE: health of all its backends, "up down"
	value 'map(.health) | join(" ")' backend list "$1"
}

event_count() { # KIND [FLAGS OF events...]
	lbctl -j events "${@:2}" | jq --arg kind "$1" '[.[] | select(.event == $kind)] | length'
}

has_event() { # KIND
	(($(event_count "$1") > 0))
}

probe_count() { # BACKEND: probes of web-4-tcp's backend with the same result in a row
	lbctl -j backend show web-4-tcp "$1" | jq .check.consecutive
}

probed_since() { # BACKEND PROBES
	(($(probe_count "$1") > $2))
}

# --- a thousand backends, all served by the nginx of b1 ---------------------------

fleet_address() { # NUMBER from 0
	printf '10.9.%d.%d' $(($1 / 250)) $(($1 % 250 + 1))
}

fleet_up() {
	on b1 ip route add local 10.9.0.0/16 dev lo
	on balancer ip route add 10.9.0.0/16 via 10.0.0.11
}

fleet_configuration() { # COUNT CHECK
	local i
	cat <<-END
		version: 1
		services:
		  - name: crowd
		    vip: $VIP4:80/tcp
		    check: $2
		    backends:
	END
	for ((i = 0; i < $1; i++)); do
		echo "      - {address: $(fleet_address "$i")}"
	done
}

fleet_is_up() { # COUNT
	[[ $(lbctl -j status | jq '[.services[].backends[] | select(.health == "up")] | length') == "$1" ]]
}
