# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Common part of the tests of the controller's web interface: a controller that listens, and a
# browser. Sourced after e2e.bash and controller.bash.
# shellcheck disable=SC2034 # the tests use what is set here

WEB=http://198.51.100.1:9440

# Like controller_start; listens towards the clients and on the balancer's loopback interface.
web_start() {
	start lbctl run --listen '198.51.100.1:9440,[2001:db8:1::1]:9440,127.0.0.1:9440' 2>>"$WORK/controller"
	CONTROLLER=$STARTED
	must await 20 web_is_healthy
}

web_is_healthy() {
	[[ $(client_curl -o /dev/null -w '%{http_code}' "$WEB/healthz") == 200 ]]
}

# A header field of a response: header NAME < HEAD
header() {
	tr -d '\r' | sed -n "s/^$1: //Ip"
}

# Skips the test if there is no browser.
need_browser() {
	type -P chromedriver >/dev/null && type -P chromium >/dev/null && return
	echo "1..0 # SKIP there is no browser here"
	exit 0
}

# A browser in the client's namespace; see tests/lib/shell/browser.py.
browser_start() { # URL
	start on client chromedriver --port=9515 --silent
	must await 20 client_curl http://127.0.0.1:9515/status
	browser open "$1"
	browser size 1180 900
}

browser() { # COMMAND ARGUMENT...
	on client env HOME="$WORK" "$ROOT/tests/lib/shell/browser.py" "$WORK/browser" "$@"
}

page() { # EXPRESSION: its value in the page
	browser js "$1" | jq -r .
}

# Messages in the page's console, except of refused requests while another lbctl holds the lock:
# the page repeats these.
page_messages() {
	browser console | grep -v '/api/live .*status of 503' || true
}

shows() { # TEXT EXPRESSION: the expression becomes true in the page
	ok "$1" browser await "$LIMIT_S" "$2"
}
