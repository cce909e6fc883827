#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks of many services on the same backends run at the same time and do not mix: each sends its
# own path, name, port and family, and expects its own status and text, although connections and
# handles are reused.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

AT_LEAST=12 # probes of each backend

balancer_up --backends 2

# A server with virtual hosts on another port.
mkdir "$WORK/named"
cat >"$WORK/named.conf" <<-END
	pid $WORK/named/pid;
	events { }
	http {
		access_log off;
		server { listen 8081 default_server; location / { return 404; } }
		server { listen 8081; server_name known.example; location / { return 200 "known\n"; } }
	}
END
start on b1 nginx -p "$WORK/named" -e "$WORK/named/error.log" -c "$WORK/named.conf" -g 'daemon off;'
must await 20 on b1 curl -s -o "$WORK/answer" http://10.0.0.11:8081/

wanted=
number=0
# add_check "HEALTH-OF-B1 HEALTH-OF-B2" CHECK [FAMILY]. Only 20 failures in a row change the first
# result, so a slow answer does not.
add_check() {
	local vip=192.0.2.$((10 + ++number)) family=${3:-4}
	[[ $family == 4 ]] || vip="[2001:db8:2::$((10 + number))]"
	must lbctl service add "s$number" "$vip:80/tcp" --check "$2,interval=500ms,timeout=500ms,rise=1,fall=20"
	must lbctl backend add "s$number" "$(bracket "$(address_of "$family" 1)")"
	must lbctl backend add "s$number" "$(bracket "$(address_of "$family" 2)")"
	wanted+="s$number $1;"
}

add_check "up up" http:/healthz
add_check "down down" http:/nothing
add_check "up up" http:/nothing,expect=404
add_check "down down" http:/healthz,expect=404
add_check "up down" http:/,match=b1
add_check "down up" http:/,match=b2
add_check "up down" http:/,match=b1 6
add_check "up up" http:/healthz 6
add_check "up up" http:/healthz,port=8080
add_check "down down" http:/healthz,port=8082
add_check "down down" http:/,port=8081
add_check "up down" http:/,port=8081,host=known.example
add_check "down down" http:/,port=8081,host=unknown.example
add_check "down down" https:/,insecure

found_health() {
	lbctl -j status | jq -r '[.services[] | "\(.name) \([.backends | sort_by(.address)[].health] | join(" "));"]
		| sort_by(.[1:index(" ")] | tonumber) | join("")'
}

all_are_checked() {
	(($(lbctl metrics | awk '/^lbctl_backend_checks_total/ { print $2 }' | sort -g | head -n 1) >= AT_LEAST))
}

controller_start
becomes "$wanted" "each backend has the health that its service's check determines" found_health
changes() {
	echo "$(event_count up) $(event_count down)"
}
before=$(changes)
ok "each backend is probed $AT_LEAST times" await 60 all_are_checked
is "$(found_health)" "$wanted" "the health of all backends is still the same"
is "$(changes)" "$before" "no backend went up or down in between"
finish
