# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What tests of the controller's web pages share: a controller that listens, and who asks it.
# Sourced after e2e.bash and controller.bash.
# shellcheck disable=SC2034 # the tests use what is set here

WEB=http://198.51.100.1:9440

# Like controller_start, and it listens where clients are, and on the balancer's own loopback.
web_start() {
	start lbctl run --listen '198.51.100.1:9440,[2001:db8:1::1]:9440,127.0.0.1:9440' 2>>"$WORK/controller"
	CONTROLLER=$STARTED
	must await 20 web_is_healthy
}

web_is_healthy() {
	[[ $(client_curl -o /dev/null -w '%{http_code}' "$WEB/healthz") == 200 ]]
}

client_curl() { # ARGUMENTS OF curl...: as a client of the service would
	on client curl -sS --max-time 20 "$@"
}

# Of an answer's head: header NAME < HEAD
header() {
	tr -d '\r' | sed -n "s/^$1: //Ip"
}

# Ends a test that cannot be made without a browser.
need_browser() {
	type -P chromedriver >/dev/null && type -P chromium >/dev/null && return
	echo "1..0 # SKIP there is no browser here"
	exit 0
}

# A browser where clients are, on a page; see tests/lib/shell/browser.py.
browser_start() { # URL
	start on client chromedriver --port=9515 --silent
	must await 20 on client curl -sS --max-time 5 http://127.0.0.1:9515/status
	browser open "$1"
	browser size 1180 900
}

browser() { # COMMAND ARGUMENT...
	on client env HOME="$WORK" "$ROOT/tests/lib/shell/browser.py" "$WORK/browser" "$@"
}

page() { # EXPRESSION: its value there
	browser js "$1" | jq -r .
}

shows() { # TEXT EXPRESSION: it becomes true
	ok "$1" browser await 60 "$2"
}
