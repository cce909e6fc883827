#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Between two checks packets tell: a backend that answers none of its clients, or refuses all,
# while others answer theirs, is checked at once. The interval is longer than this test is
# patient, so what is found out is by that. Feedback is off.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

lab_up --backends 3
must lbctl attach front back
vips_on_backends
SLOW=tcp,interval=10m,timeout=1s

# firewall BACKEND-NUMBER [RULE...]: what it does to packets that come in; without: nothing.
firewall() {
	local part=b$1
	shift
	on "$part" nft flush ruleset
	(($#)) || return 0
	on "$part" nft "add table inet t; add chain inet t c { type filter hook input priority 0; }; add rule inet t c $*"
}

begin() { # FORWARD
	must lbctl service add web-4-tcp "$VIP4:80/tcp" --forward "$1" --check "$SLOW"
	for number in 1 2 3; do
		must lbctl backend add web-4-tcp "10.0.0.1$number"
	done
	must lbctl check web-4-tcp
	is "$(health 1 2 3)" "up up up" "$1: all are up, and checked every 10 minutes"
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

suspicion() { # the words of the last such event
	lbctl -j events | jq -r '[.[] | select(.event == "passive-failure")][-1].text'
}

begin nat
firewall 1 tcp dport 80 reject with tcp reset
health_becomes "down up up" "who refuses everybody is down long before the next check" 1 2 3
like "$(suspicion)" "of [0-9]+ connections refused: checked at once" "an event tells why it was checked"
like "$(lbctl backend show web-4-tcp 10.0.0.11)" "refused; [0-9]+ of [0-9]+ connections refused" \
	"and backend show what speaks against it"
firewall 2 tcp dport 80 drop
health_becomes "down down up" "so is who answers nobody" 1 2 3
like "$(suspicion)" "of [0-9]+ connections unanswered: checked at once" "as its event tells"
end

begin dsr
firewall 1 tcp dport 80 drop
health_becomes "down up up" "whose answers go past us as well" 1 2 3
end
finish
