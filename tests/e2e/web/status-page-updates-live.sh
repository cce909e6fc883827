#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The status page in a real browser: services and backends as they are, as it happens, and that
# nothing is known any more when the controller is gone.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"
# shellcheck source=tests/lib/shell/web.bash
source "$(dirname "$0")/../../lib/shell/web.bash"

need_browser
lab_up --backends 3
must lbctl attach front back
service 4 tcp 80 "5 3 1" --check "$CHECK" --feedback observe
# Whose check says what is not to be taken for a part of the page.
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

# --- what there is ---
shows "there are two services" "document.querySelectorAll('#services section').length === 2"
shows "one with three backends" "document.querySelectorAll('#services section:has(#service-web-4-tcp) tbody tr').length === 3"
shows "that are up" "$(cell 1 1) === 'up' && $(cell 2 1) === 'up' && $(cell 3 1) === 'up'"
like "$(page "$(cell 1 2)")" "^5, 56 %" "with weights and shares"
like "$(page "document.querySelector('.address').textContent")" "^192.0.2.10:80/tcp$" "the service's address"
shows "rates move" "(window.seen = (window.seen || new Set()).add($(cell 1 4))).size >= 3"
shows "packets pass" "parseFloat($(cell 1 4)) > 0 && $(cell 1 5).endsWith('bit/s')"
shows "response times are told" "/ (µs|ms|s)$/.test($(cell 1 7)) && / (µs|ms|s)$/.test($(cell 1 8))"
shows "and plotted, as a line for each backend" \
	"document.querySelectorAll('#services section:has(#service-web-4-tcp) figure:nth-of-type(2) path.mark').length === 3"
shows "each in dashes of its own" "new Set([...document.querySelectorAll('figure path.s0, figure path.s1, figure path.s2')]
	.filter((path) => !path.matches('.mark')).map((path) => getComputedStyle(path).strokeDasharray)).size === 3"
shows "outcomes are counted and explained" "[...document.querySelectorAll('#outcomes tr')].some((row) =>
	row.children[0].textContent === 'forwarded' && parseFloat(row.children[1].textContent) > 0 && row.textContent.includes('sent to its backend'))"
shows "and those that did not occur as well" "document.querySelectorAll('#never-list dt').length > 5"

# --- what happens ---
shows "what a check says is text" "document.body.textContent.includes('<img id=injected')"
is "$(page "document.getElementById('injected')")" null "and no part of the page"
must lbctl backend drain web-4-tcp 10.0.0.13
shows "who is drained is said to be" "$(cell 3 1).startsWith('draining')"
shows "with no weight left" "$(cell 3 2).startsWith('1 → 0')"
backend_kill 2
shows "who is dead is said to be down, and why" "/^down.*(refused|reset)/.test($(cell 2 1))"
shows "which comes first of all" "document.getElementById('headline').textContent.includes('down') &&
	document.getElementById('attention').textContent.includes('10.0.0.12:80 is down')"
like "$(page document.title)" '^\(' "and is told by the title"
must lbctl service add late 192.0.2.12:80/tcp
shows "a new service comes" "!!document.getElementById('service-late') &&
	document.getElementById('attention').textContent.includes('late has no backend')"
must lbctl service del late
shows "and goes" "!document.getElementById('service-late')"

# --- of what kind it is ---
is "$(browser console)" "" "the page complains of nothing"
browser requests | grep -vE '^(chrome|data):' | sort -u >"$WORK/requests"
is "$(<"$WORK/requests")" "$WEB/"$'\n'"$WEB/api/live" "and asks nobody else for anything"

# --- without a controller ---
controller_stop
shows "without a controller it is stale" "!document.getElementById('stale').hidden && document.title.startsWith('stale')"
like "$(page "document.getElementById('stale').textContent")" "Stale since [0-9:]+.*does not respond" "and says since when"
web_start
browser js "document.getElementById('retry').click()" >/dev/null
shows "and when there is one again it is live" "document.getElementById('stale').hidden &&
	document.getElementById('updated').textContent.startsWith('live')"
load_end
browser close
finish
