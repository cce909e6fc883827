#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The status page in a real browser shows services and backends, follows changes, and shows that
# its data is stale when the controller has ended.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"
# shellcheck source=tests/lib/shell/web.bash
source "$(dirname "$0")/../../lib/shell/web.bash"

need_browser
balancer_up
service 4 tcp 80 "5 3 1" --check "$CHECK" --feedback observe
# The output of this check is HTML, which the page must show as text.
printf '#!/bin/sh\necho "<img id=injected src=x onerror=injected()>"\nexit 1\n' >"$WORK/check"
chmod +x "$WORK/check"
must lbctl service add odd 192.0.2.11:80/tcp --check "exec:$WORK/check,interval=1s,timeout=1s"
must lbctl backend add odd 10.0.0.13:8080
web_start
load "$VIP4" 80 --keep 3

browser_start "$WEB/"
# A cell of the backend's row: by column, from 0.
cell() { # BACKEND-NUMBER COLUMN
	echo "[...document.querySelectorAll('#service-web-4-tcp')].map((head) => [...head.closest('section').querySelectorAll('tbody tr')]
		.find((row) => row.textContent.includes('10.0.0.1$1:80')).children[$2].textContent)[0]"
}

# --- contents ---
shows "the page has two services" "document.querySelectorAll('#services section').length === 2"
shows "one of them has three backends" "document.querySelectorAll('#services section:has(#service-web-4-tcp) tbody tr').length === 3"
shows "its backends are up" "$(cell 1 1) === 'up' && $(cell 2 1) === 'up' && $(cell 3 1) === 'up'"
like "$(page "$(cell 1 2)")" "^5, 56 %" "a backend has weight and share"
like "$(page "document.querySelector('.address').textContent")" "^192.0.2.10:80/tcp$" "a service has its address"
shows "rates change" "(window.seen = (window.seen || new Set()).add($(cell 1 4))).size >= 3"
shows "a backend has packets and bits per second" "parseFloat($(cell 1 4)) > 0 && $(cell 1 5).endsWith('bit/s')"
shows "a backend has response times" "/ (µs|ms|s)$/.test($(cell 1 7)) && / (µs|ms|s)$/.test($(cell 1 8))"
shows "the plot has a line for each backend" \
	"document.querySelectorAll('#services section:has(#service-web-4-tcp) figure:nth-of-type(2) path.mark').length === 3"
shows "the lines have different dashes" "new Set([...document.querySelectorAll('figure path.s0, figure path.s1, figure path.s2')]
	.filter((path) => !path.matches('.mark')).map((path) => getComputedStyle(path).strokeDasharray)).size === 3"
meaning=$(client_curl "$WEB/api/live" | jq -r .outcome_help.forwarded)
shows "outcomes have rates and explanations" "[...document.querySelectorAll('#outcomes tr')].some((row) =>
	row.children[0].textContent === 'forwarded' && parseFloat(row.children[1].textContent) > 0 && row.textContent.includes('$meaning'))"
shows "outcomes that did not occur are listed" "document.querySelectorAll('#never-list dt').length > 5"

# --- changes ---
shows "the output of a check is shown as text" "document.body.textContent.includes('<img id=injected')"
is "$(page "document.getElementById('injected')")" null "the output of a check is not interpreted as HTML"
must lbctl backend drain web-4-tcp 10.0.0.13
shows "a draining backend is shown as draining" "$(cell 3 1).startsWith('draining')"
shows "its effective weight is 0" "$(cell 3 2).startsWith('1 → 0')"
backend_kill 2
shows "a killed backend is shown as down, with the reason" "/^down.*(refused|reset)/.test($(cell 2 1))"
shows "the headline has the backend that is down" "document.getElementById('headline').textContent.includes('down') &&
	document.getElementById('attention').textContent.includes('10.0.0.12:80 is down')"
like "$(page document.title)" '^\(' "the title has the number of problems"
must lbctl service add late 192.0.2.12:80/tcp
shows "a new service appears" "!!document.getElementById('service-late') &&
	document.getElementById('attention').textContent.includes('late has no backend')"
must lbctl service del late
shows "a deleted service disappears" "!document.getElementById('service-late')"

# --- console and requests ---
is "$(page_messages)" "" "the console has no messages"
browser requests | grep -vE '^(chrome|data):' | sort -u >"$WORK/requests"
is "$(<"$WORK/requests")" "$WEB/"$'\n'"$WEB/api/live" "the page requests nothing else"

# --- without a controller ---
controller_stop
shows "without a controller the page is stale" "!document.getElementById('stale').hidden && document.title.startsWith('stale')"
like "$(page "document.getElementById('stale').textContent")" "Stale since [0-9:]+.*does not respond" "the page shows since when"
web_start
browser js "document.getElementById('retry').click()" >/dev/null
shows "with a controller again the page is live" "document.getElementById('stale').hidden &&
	document.getElementById('updated').textContent.startsWith('live')"
load_end
browser close
finish
