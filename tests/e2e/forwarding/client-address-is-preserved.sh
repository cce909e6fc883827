#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Backends see the client's address and port.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up
service 4 tcp 80 "1 1 1"
service 6 tcp 80 "1 1 1"

for family in 4 6; do
	wrong=
	for _ in 1 2 3 4 5 6; do
		got=$(client_curl -w '%{local_ip} %{local_port} %{remote_ip}' "$(url "$(vip_of "$family")" 80 /client)" | xargs)
		read -r seen seen_port own own_port remote <<<"$got"
		[[ $seen == "$own" && $seen_port == "$own_port" && $remote == "$(vip_of "$family")" ]] || wrong+="$got; "
	done
	is "$wrong" "" "IPv$family: backends see the client, and the client sees the VIP"
done
checksums_are_right
finish
