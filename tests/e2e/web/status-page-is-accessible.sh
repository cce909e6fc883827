#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The status page in a real browser: by keyboard, on a phone, at night.
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
service 6 tcp 80 "1 1 1"
web_start
browser_start "$WEB/"
shows "the page is there" "document.querySelectorAll('#services tbody tr').length === 6"
shows "and live" "document.body.matches('.live')"

# --- by keyboard ---
seen=
for ((i = 0; i < 12; i++)); do
	browser key Tab
	seen+="$(page "(document.activeElement.id || document.activeElement.name || document.activeElement.className.baseVal ||
		document.activeElement.textContent) + ' ' + getComputedStyle(document.activeElement).outlineStyle") "
done
is "${seen% }" "Skip to the services solid pause solid span solid figure solid plot solid plot solid plot solid plot solid \
never-title solid metrics solid health solid status as JSON solid" "Tab goes from control to control, which can be seen"
browser js "document.getElementById('pause').focus()" >/dev/null
browser key Space
shows "a key stops the page" "document.getElementById('updated').textContent.startsWith('paused') &&
	document.getElementById('pause').getAttribute('aria-pressed') === 'true'"
browser key Space
shows "and has it go on" "document.getElementById('updated').textContent.startsWith('live')"
browser js "document.querySelector('svg.plot').focus()" >/dev/null
browser key ArrowLeft ArrowLeft
shows "arrows read a plot" "/^\\d\\d:\\d\\d:\\d\\d .*10.0.0.11:80/.test(document.querySelector('figcaption').textContent)"
is "$(page "[...document.querySelectorAll('button, input, a, summary, svg[role=img]')].filter((element) =>
	!(element.textContent.trim() || element.getAttribute('aria-label') || (element.labels && element.labels[0].textContent))).length")" 0 \
	"everything that can be used has a name"
is "$(page "['header', 'main', 'footer', 'nav', 'h1'].map((name) => document.querySelectorAll(name).length).join()")" 1,1,1,1,1 \
	"the page has its landmarks"

# --- many ---
must lbctl service add many 192.0.2.12:80/tcp
for ((i = 1; i <= 22; i++)); do
	must lbctl backend add many "10.0.0.11:$((8000 + i))"
done
rows="document.querySelectorAll('#services section:has(#service-many) tbody tr').length"
shows "of many backends there are some" "$rows === 20"
browser js "document.querySelector('#services section:has(#service-many) button').focus()" >/dev/null
browser key Enter
shows "and all, if that is wished" "$rows === 22"
is "$(page "document.activeElement.textContent")" "Show 20 only" "which does not move who reads on"
shows "six of them are plotted" "document.querySelectorAll('#services section:has(#service-many) figure:first-child path.mark').length === 6"

# --- small, and dark ---
for width in 320 360 768 980 1180; do
	browser size "$width" 740
	shows "nothing is wider than $width pixels" "document.documentElement.scrollWidth <= innerWidth && innerWidth === $width"
done
browser scheme light
light=$(page "getComputedStyle(document.documentElement).backgroundColor")
browser scheme dark
not_ok "at night it is dark" test "$light" = "$(page "getComputedStyle(document.documentElement).backgroundColor")"

is "$(browser console)" "" "the page complains of nothing"
browser close
finish
