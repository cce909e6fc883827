#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Addresses and ports are translated, also to different ports of one backend address.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 2

for family in 4 6; do
	vip=$(vip_of "$family")
	must lbctl service add "ports-$family" "$(bracket "$vip"):8000/tcp"
	must lbctl backend add "ports-$family" "$(bracket "$(address_of "$family" 1)"):80" --weight 2
	must lbctl backend add "ports-$family" "$(bracket "$(address_of "$family" 1)"):8080" --weight 1
	must lbctl backend add "ports-$family" "$(bracket "$(address_of "$family" 2)"):8080" --weight 1
	is "$(fetch 100 "$(url "$vip" 8000)")" "b1=75 b2=25" "IPv$family: two ports of b1 and one port of b2 get connections"
	is "$(value '[.[].new_flows] | tostring' backend list "ports-$family")" "[50,25,25]" "the shares follow the weights"
	not_ok "the backends' port is not a port of the service" connects "$(url "$vip" 80)"
done
checksums_are_right
finish
