#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Large uploads and downloads arrive as they were sent, with one arm and with two.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

for arms in two one; do
	if [[ $arms == two ]]; then
		lab_up --backends 2
		must lbctl attach front back
	else
		lab_up --backends 2 --one-armed
		must lbctl attach front
	fi
	serve digest 9000
	file=/run/lbctl-lab-$NAME/big
	sum=$(sha256sum <"$file")
	for family in 4 6; do
		vip=$(vip_of "$family")
		service "$family" tcp 80 "1 1"
		must lbctl service add "up-$family" "$(bracket "$vip"):9000/tcp"
		must lbctl backend add "up-$family" "$(address_of "$family" 1)"
		is "$(on client curl -sS --max-time 60 "$(url "$vip" 80 /big)" | sha256sum)" "$sum" \
			"$arms arm(s): a download of 8 MiB over IPv$family"
		is "$(on client "$PEER" upload "$vip" 9000 "$file")" "b1 ${sum%% *} 8388608" \
			"$arms arm(s): an upload of 8 MiB over IPv$family"
	done
	checksums_are_right
	rm -f "$WORK"/digest-*
	must "$LAB" down --name "$NAME"
done
finish
