#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lbctl completes commands, flags, their values, and the names of what there is; a bash
# that has read its lines does so too.
# shellcheck source=tests/lib/e2e.bash
source "$(dirname "$0")/../lib/e2e.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1"
service 6 tcp 80 "1 1"

# words WORD...: what the last of them can be, in one line.
words() {
	lbctl completion words -- --instance "$NAME" "$@" | paste -sd' '
}
like " $(words "") " " service backend .* status " "objects and verbs come first"
is "$(words backend "")" "add weight drain ready maint del list show" "an object's verbs"
is "$(words backend weight web)" "web-4-tcp web-6-tcp" "services by name"
is "$(words backend weight web-4-tcp "")" "10.0.0.11:80 10.0.0.12:80" "a service's backends"
is "$(words backend weight web-6-tcp "[2001:db8:3::12")" "[2001:db8:3::12]:80" "begun ones, of IPv6"
is "$(words attach b)" "back" "interfaces"
is "$(words service set web-4-tcp --sched)" "--scheduler" "flags of the verb"
is "$(words service set web-4-tcp --scheduler r)" "rr random" "and their values"
is "$(words status --j)" "--json" "flags that all have"
is "$(words nosuch "")" "$(words "")" "what is no command is passed over"

# As bash does it: with the words split at colons.
lbctl completion bash >"$WORK/lbctl.bash"
cat >"$WORK/ask.bash" <<END
source "$WORK/lbctl.bash"
lbctl() { nsenter --net="/run/netns/lb-$NAME-balancer" -- "$LBCTL" "\$@"; }
COMP_LINE="lbctl --instance $NAME backend weight web-4-tcp 10.0.0.12:" COMP_POINT=\${#COMP_LINE}
COMP_WORDS=(lbctl --instance $NAME backend weight web-4-tcp 10.0.0.12 :) COMP_CWORD=7
_lbctl
echo "\${COMPREPLY[*]}"
END
is "$(bash "$WORK/ask.bash")" ":80" "bash completes behind its colon"
for shell in bash zsh fish; do
	like "$(lbctl completion $shell)" "lbctl completion words" "$shell has its lines"
done
refused 3 "expected bash, zsh or fish" "another shell has none" lbctl completion csh
finish
