#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Between two checks, traffic shows failures: a backend that answers or accepts no connection, while
# others do, is checked at once. The interval is longer than the limits of this test, so only
# passive failures trigger the checks. Feedback is off.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

balancer_up
vips_on_backends
RARE=tcp,interval=10m,timeout=3s

# firewall BACKEND-NUMBER [RULE...]: sets the only rule for incoming packets; without RULE: none.
firewall() {
	local part=b$1
	shift
	on "$part" nft flush ruleset
	(($#)) || return 0
	on "$part" nft "add table inet t; add chain inet t c { type filter hook input priority 0; }; add rule inet t c $*"
}

begin() { # FORWARD
	must lbctl service add web-4-tcp "$VIP4:80/tcp" --forward "$1" --check "$RARE"
	for number in 1 2 3; do
		must lbctl backend add web-4-tcp "10.0.0.1$number"
	done
	must lbctl check web-4-tcp
	is "$(health 1 2 3)" "up up up" "$1: all backends are up, with a check every 10 minutes"
	controller_start
	start on client "$ROOT/tests/lib/shell/syn_sender.py" knock "$VIP4" 80
	syn_sender=$STARTED
}

end() {
	stop "$syn_sender"
	controller_stop
	firewall 1
	firewall 2
	must lbctl service del web-4-tcp --force
}

last_failure() { # text of the last event of a passive failure
	lbctl -j events | jq -r '[.[] | select(.event == "passive-failure")][-1].text'
}

begin nat
firewall 1 tcp dport 80 reject with tcp reset
health_becomes "down up up" "nat: a backend that refuses all connections is marked down before its next check" 1 2 3
like "$(last_failure)" "of [0-9]+ connections refused: checked at once" "an event has the reason"
like "$(lbctl backend show web-4-tcp 10.0.0.11)" "refused; [0-9]+ of [0-9]+ connections refused" \
	"backend show has the counts"
firewall 2 tcp dport 80 drop
health_becomes "down down up" "nat: a backend that answers no connection is marked down" 1 2 3
like "$(last_failure)" "of [0-9]+ connections unanswered: checked at once" "an event has the reason"
end

begin dsr
firewall 1 tcp dport 80 drop
health_becomes "down up up" "dsr: a backend that answers no connection is marked down" 1 2 3
end
finish
