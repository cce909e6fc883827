#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Large uploads and downloads arrive unchanged, with one arm and with two arms.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

transfer_bulk_data() { # ARMS
	local file=/run/lbctl-lab-$NAME/big sum family vip
	sum=$(sha256sum <"$file")
	serve digest 9000
	for family in 4 6; do
		vip=$(vip_of "$family")
		service "$family" tcp 80 "1 1"
		must lbctl service add "up-$family" "$(bracket "$vip"):9000/tcp"
		must lbctl backend add "up-$family" "$(address_of "$family" 1)"
		is "$(client_curl "$(url "$vip" 80 /big)" | sha256sum)" "$sum" "$1, IPv$family: a download of 8 MiB is intact"
		is "$(on client "$PEER" upload "$vip" 9000 "$file")" "b1 ${sum%% *} 8388608" "$1, IPv$family: an upload of 8 MiB is intact"
	done
	checksums_are_right
}

for_arms transfer_bulk_data --backends 2
finish
