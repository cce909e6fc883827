#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two instances on one host, with the same services and with interfaces of the same names and
# indices, do not influence each other.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

first=$NAME
second=$NAME-too
balancer_up --backends 2
service 4 tcp 80 "3 1"
NAME=$second
balancer_up --backends 2
service 4 tcp 80 "1 4"

url=$(url "$VIP4")
is "$(fetch 100 "$url")" "b1=20 b2=80" "the second instance uses its own weights"
NAME=$first
is "$(fetch 100 "$url")" "b1=75 b2=25" "the first instance uses its own weights"
must await 20 closed_connections_are_gone
counters() { # of the first service
	value '[.services[0].new_flows, .outcomes.forwarded] | tostring' status
}
before=$(configuration)
counted=$(counters)
NAME=$second
must lbctl backend weight web-4-tcp 10.0.0.11 0
must lbctl service set web-4-tcp --scheduler random
is "$(fetch 50 "$url")" "b2=50" "a change of the second instance takes effect"
NAME=$first
is "$(configuration)" "$before" "it does not change the first instance"
is "$(counters)" "$counted" "the first instance does not count the second's packets"
refused 5 front "an interface of the first instance is refused to the second" \
	on balancer "$LBCTL" --instance "$second" attach front
is "$(fetch 100 "$url")" "b1=75 b2=25" "the first instance is unchanged"
checksums_are_right

must lbctl detach --force
not_ok "the first instance is detached" lbctl status
NAME=$second
is "$(fetch 50 "$url")" "b2=50" "the second instance still works"
checksums_are_right
finish
