#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The status page in a real browser: keyboard, small screens, dark mode.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"
# shellcheck source=tests/lib/shell/web.bash
source "$(dirname "$0")/../../lib/shell/web.bash"

need_browser
balancer_up
service 4 tcp 80 "5 3 1" --check "$CHECK" --feedback observe
service 6 tcp 80 "1 1 1"
web_start
browser_start "$WEB/"
shows "the page has all backends" "document.querySelectorAll('#services tbody tr').length === 6"
shows "the page is live" "document.body.matches('.live')"

# --- keyboard ---
seen=
for ((i = 0; i < 12; i++)); do
	browser key Tab
	seen+="$(page "(document.activeElement.id || document.activeElement.name || document.activeElement.className.baseVal ||
		document.activeElement.textContent) + ' ' + getComputedStyle(document.activeElement).outlineStyle") "
done
is "${seen% }" "Skip to the services solid pause solid span solid figure solid plot solid plot solid plot solid plot solid \
never-title solid metrics solid health solid status as JSON solid" "Tab moves a visible focus from control to control"
browser js "document.getElementById('pause').focus()" >/dev/null
browser key Space
shows "a key pauses the page" "document.getElementById('updated').textContent.startsWith('paused') &&
	document.getElementById('pause').getAttribute('aria-pressed') === 'true'"
browser key Space
shows "the key again resumes it" "document.getElementById('updated').textContent.startsWith('live')"
browser js "document.querySelector('svg.plot').focus()" >/dev/null
browser key ArrowLeft ArrowLeft
shows "arrow keys move through a plot" "/^\\d\\d:\\d\\d:\\d\\d .*10.0.0.11:80/.test(document.querySelector('figcaption').textContent)"
is "$(page "[...document.querySelectorAll('button, input, a, summary, svg[role=img]')].filter((element) =>
	!(element.textContent.trim() || element.getAttribute('aria-label') || (element.labels && element.labels[0].textContent))).length")" 0 \
	"every control has a name"
is "$(page "['header', 'main', 'footer', 'nav', 'h1'].map((name) => document.querySelectorAll(name).length).join()")" 1,1,1,1,1 \
	"the page has one of each landmark"

# --- many backends ---
must lbctl service add many 192.0.2.12:80/tcp
for ((i = 1; i <= 22; i++)); do
	must lbctl backend add many "10.0.0.11:$((8000 + i))"
done
rows="document.querySelectorAll('#services section:has(#service-many) tbody tr').length"
shows "of 22 backends, 20 are shown" "$rows === 20"
browser js "document.querySelector('#services section:has(#service-many) button').focus()" >/dev/null
browser key Enter
shows "a button shows all" "$rows === 22"
is "$(page "document.activeElement.textContent")" "Show 20 only" "the focus stays on the button"
shows "six of them are plotted" "document.querySelectorAll('#services section:has(#service-many) figure:first-child path.mark').length === 6"

# --- small screens, dark mode ---
for width in 320 360 768 980 1180; do
	browser size "$width" 740
	shows "the page fits in $width pixels" "document.documentElement.scrollWidth <= innerWidth && innerWidth === $width"
done
browser scheme light
light=$(page "getComputedStyle(document.documentElement).backgroundColor")
browser scheme dark
not_ok "dark mode has another background" test "$light" = "$(page "getComputedStyle(document.documentElement).backgroundColor")"

is "$(page_messages)" "" "the console has no messages"
browser close
finish
