#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# One table of commands on an attached instance: exit code, and changed, unchanged or the error id.
# Each command runs with --dry-run first, which has the same result and changes nothing.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/commands.bash
source "$ROOT/tests/lib/shell/commands.bash"

lab_up --backends 2
write_table_files
must lbctl apply -f "$WORK/files/right.yaml"
check_outcomes <<'END'
0 -                     | diff -f FILES/right.yaml
1 -                     | diff -f FILES/other.yaml
0 unchanged             | service add web 192.0.2.10:80/tcp --check tcp,fall=1
5 service-differs       | service add web 192.0.2.10:80/tcp --scheduler rr
0 changed               | service add web 192.0.2.10:80/tcp --scheduler rr --update
5 vip-in-use            | service add other 192.0.2.10:80/tcp
5 name-in-use           | service add web 192.0.2.10:82/tcp
3 invalid-name          | service add We 192.0.2.10:82/tcp
3 invalid-vip           | service add we 192.0.2.10:82
3 invalid-setting       | service add more 192.0.2.10:81/tcp --scheduler fastest
0 changed               | service add more 192.0.2.10:81/tcp --spill web
5 service-in-use        | service del web
0 changed               | service add most 192.0.2.10:82/tcp
5 generation-mismatch    | service set most --scheduler rr --if-generation 0
0 changed               | service set more --timeout-new 7s
0 unchanged             | service set more --timeout-new 7s
4 service-not-found     | service set more --spill nosuch
0 changed               | service set more --spill none
4 service-not-found     | service del nosuch
0 unchanged             | service del nosuch --if-exists
4 service-not-found     | service show nosuch
0 -                     | service show web
0 -                     | service list
0 changed               | backend add more 10.0.0.11:80
5 backend-differs       | backend add more 10.0.0.11:80 --weight 7
0 changed               | backend add more 10.0.0.11:80 --weight 7 --update
0 unchanged             | backend add more 10.0.0.11:80 --weight 7
0 changed               | backend add more 10.0.0.12
0 changed               | backend add most 10.0.0.12
0 changed               | backend add most 10.0.0.11
5 backends-full         | backend add most 10.0.0.13
3 invalid-backend       | backend add more 10.0.0.300
3 wrong-family          | backend add more 2001:db8::1
3 invalid-weight        | backend add more 10.0.0.11 --weight 65536
3 invalid-state         | backend add more 10.0.0.11 --state gone
4 service-not-found     | backend list nosuch
0 -                     | backend list more
4 backend-not-found     | backend show web 10.0.0.99
0 -                     | backend show web 10.0.0.11
0 changed               | backend weight web 10.0.0.11 7
0 unchanged             | backend weight web 10.0.0.11 7
3 invalid-weight        | backend weight web 10.0.0.11 -8
4 backend-not-found     | backend weight web 10.0.0.99 1
0 changed               | backend drain web 10.0.0.11
0 unchanged             | backend drain web 10.0.0.11
4 backend-not-found     | backend drain web 10.0.0.99 --wait
2 bad-flag              | backend drain web 10.0.0.11 --timeout 1s
3 invalid-duration      | backend drain web 10.0.0.11 --wait --timeout soon
0 changed               | backend maint web 10.0.0.11 --reset
0 unchanged             | backend maint web 10.0.0.11 --reset
5 generation-mismatch    | backend ready web 10.0.0.11 --if-generation 0
0 changed               | backend ready web 10.0.0.11
0 unchanged             | backend ready web 10.0.0.11
4 backend-not-found     | backend del web 10.0.0.99
0 unchanged             | backend del web 10.0.0.99 --if-exists
0 changed               | backend del more 10.0.0.12
3 no-check              | check dns
4 service-not-found     | check nosuch
4 backend-not-found     | check web 10.0.0.99
3 no-check              | wait dns --for healthy
3 invalid-flag          | wait dns --for rain
2 bad-flag              | wait dns
7 not-healthy           | wait web --for healthy --timeout 10ms
0 -                     | wait web --for drained
9 kernel-refused        | save -o FILES/nosuch/file
9 kernel-refused        | metrics --textfile FILES/nosuch/file
3 invalid-number        | stats -c 1.5
4 service-not-found     | stats nosuch
0 -                     | stats
3 invalid-duration      | events --since yesterday
0 -                     | events
4 service-not-found     | flow list --service nosuch
3 invalid-client        | flow list --client 10.0.0
3 invalid-protocol      | flow count --protocol sctp
3 invalid-state         | flow count --state gone
0 -                     | flow count
3 invalid-limit         | flow list --limit all
3 invalid-endpoint      | explain --src 198.51.100.2 --dst 192.0.2.10:80/tcp
2 bad-flag              | explain --src 198.51.100.2:1
3 wrong-family          | explain --src 198.51.100.2:1 --dst [2001:db8::1]:80/tcp
4 not-attached-there    | explain --src 198.51.100.2:1 --dst 192.0.2.10:80/tcp --interface nosuch
0 -                     | explain --src 198.51.100.2:1 --dst 192.0.2.10:80/tcp
1 -                     | explain --src 198.51.100.2:1 --dst 192.0.2.10:83/tcp
3 invalid-outcome       | trace --outcome lost
4 service-not-found     | trace --service nosuch
3 invalid-flag          | status --lock-timeout soon
3 invalid-flag          | status --instance No
3 invalid-flag          | service del more --if-generation x
3 invalid-flag          | service del more --if-generation=
5 generation-mismatch    | upgrade --if-generation 0
0 changed               | upgrade
0 -                     | status
1 -                     | status --strict
END
session_start http-kept "$VIP4" 80
session_send hello
note "while a flow is active"
check_outcomes <<END
5 flows-alive           | service del web
5 flows-alive           | flow flush
5 generation-mismatch    | flow flush --force --if-generation 0
5 flows-alive           | detach
5 flows-alive           | detach back front
5 generation-mismatch    | detach --force --if-generation 0
7 not-drained           | wait web --for drained --timeout 10ms
END
session_end
check_outcomes <<END
0 changed               | flow flush --force
0 unchanged             | flow flush
0 -                     | metrics
END

note "while a controller runs, and while another lbctl holds the lock"
nexthop_tracking_start
check_outcomes <<END
5 controller-running    | run
END
nexthop_tracking_end
start flock --exclusive --no-fork "$PINS" sleep infinity
locker=$STARTED
locked() {
	[[ $(outcome status --lock-timeout 0s) == "7 locked" ]]
}
must await 10 locked
is "$(outcome service del web --lock-timeout 10ms)" "7 locked" "a command gives up waiting for the lock"
is "$(outcome --dry-run service del web --lock-timeout 10ms)" "7 locked" "a dry run gives up waiting for the lock"
stop "$locker"

note "as an unprivileged user"
save_state
chmod 0755 "$WORK"
install -m 0755 "$LBCTL" "$WORK/lbctl"
LBCTL_WAS=$LBCTL
as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
while read -ra words; do
	LBCTL=$WORK/lbctl
	is "$(outcome "${words[@]}")" "6 permission-denied" "${words[*]}"
	is "$(outcome --dry-run "${words[@]}")" "6 permission-denied" "--dry-run ${words[*]}"
	LBCTL=$LBCTL_WAS
done <<END
attach front
--instance $NAME-new attach front
detach
detach --force
flow flush --force
upgrade
decap front
service add web 192.0.2.10:80/tcp
service set web --scheduler rr
service del web
service list
service show web
backend add web 10.0.0.13
backend weight web 10.0.0.11 1
backend drain web 10.0.0.11
backend ready web 10.0.0.11
backend maint web 10.0.0.11
backend del web 10.0.0.11
backend list web
backend show web 10.0.0.11
flow list
flow count
flow flush
run
check
apply -f $WORK/files/right.yaml
confirm
diff -f $WORK/files/right.yaml
save
explain --src 198.51.100.2:1 --dst 192.0.2.10:80/tcp
trace
status
stats
events
wait web --for drained
metrics
END
is "$(LBCTL=$WORK/lbctl outcome help) $(LBCTL=$WORK/lbctl outcome version)" "0 - 0 -" "help and version need no privilege"
as=()
state >"$WORK/after"
is "$(<"$WORK/after")" "$(<"$WORK/before")" "the refused commands change nothing"
finish
