#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two balancers in one host, with the same services, interfaces of the same names and
# of the same numbers, know nothing of each other.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

first=$NAME
second=$NAME-too
lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "3 1"
NAME=$second
lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 4"

url=$(url "$VIP4")
is "$(fetch 100 "$url")" "b1=20 b2=80" "the second one goes by its weights"
NAME=$first
is "$(fetch 100 "$url")" "b1=75 b2=25" "the first one by its own"
before=$(configuration)
counted=$(value '[.services[0].new_flows, .outcomes.forwarded] | tostring' status)
NAME=$second
must lbctl backend weight web-4-tcp 10.0.0.11 0
must lbctl service set web-4-tcp --scheduler random
is "$(fetch 50 "$url")" "b2=50" "a change of the second one"
NAME=$first
is "$(configuration)" "$before" "changes nothing in the first"
is "$(value '[.services[0].new_flows, .outcomes.forwarded] | tostring' status)" "$counted" "nor do its packets count there"
refused 5 front "an interface of one is not to be had by the other" \
	on balancer "$LBCTL" --instance "$second" attach front
is "$(fetch 100 "$url")" "b1=75 b2=25" "and stays as it was"
checksums_are_right

must lbctl detach --force
not_ok "the first is gone" lbctl status
NAME=$second
is "$(fetch 50 "$url")" "b2=50" "the second works on"
checksums_are_right
finish
