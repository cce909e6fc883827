#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The second time is "unchanged" and exit code 0; other settings are a conflict unless --update.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 0
prints 0 changed "attach" lbctl attach front back
prints 0 unchanged "attach again" lbctl attach front back
add=(service add web 192.0.2.10:80/tcp --scheduler rr --timeout-established 1h)
prints 0 changed "service add" lbctl "${add[@]}"
prints 0 unchanged "service add again" lbctl "${add[@]}"
refused 5 web "service add otherwise" lbctl service add web 192.0.2.10:80/tcp --scheduler random
prints 0 changed "service add otherwise --update" lbctl service add web 192.0.2.10:80/tcp --scheduler random --update
prints 0 unchanged "again" lbctl service add web 192.0.2.10:80/tcp --scheduler random --update
prints 0 unchanged "service set to what it is" lbctl service set web --scheduler random
prints 0 changed "service set" lbctl service set web --scheduler wrr
prints 0 unchanged "service set again" lbctl service set web --scheduler wrr

prints 0 changed "backend add" lbctl backend add web 10.0.0.11:8080 --weight 5
prints 0 unchanged "backend add again" lbctl backend add web 10.0.0.11:8080 --weight 5
prints 0 unchanged "by the service's address" lbctl backend add 192.0.2.10:80/tcp 10.0.0.11:8080 --weight 5
prints 0 unchanged "by aliases" lbctl be add web 10.0.0.11:8080 --weight=5
refused 5 10.0.0.11 "backend add otherwise" lbctl backend add web 10.0.0.11:8080 --weight 6
prints 0 changed "backend add otherwise --update" lbctl backend add web 10.0.0.11:8080 --weight 6 --update
prints 0 changed "backend weight" lbctl backend weight web 10.0.0.11:8080 7
prints 0 unchanged "backend weight again" lbctl backend weight web 10.0.0.11:8080 7
for state in drain maint ready; do
	prints 0 changed "backend $state" lbctl backend "$state" web 10.0.0.11:8080
	prints 0 unchanged "backend $state again" lbctl backend "$state" web 10.0.0.11:8080
done
prints 0 '{"changed":false}' "as JSON: unchanged" sh -c '"$@" | jq -c .' sh \
	nsenter --net="/run/netns/lb-$NAME-balancer" "$LBCTL" --instance "$NAME" -j backend ready web 10.0.0.11:8080
prints 0 '{"changed":true}' "as JSON: changed" sh -c '"$@" | jq -c .' sh \
	nsenter --net="/run/netns/lb-$NAME-balancer" "$LBCTL" --instance "$NAME" -j backend drain web 10.0.0.11:8080
prints 0 "" "--quiet says nothing" lbctl -q backend ready web 10.0.0.11:8080

before=$(configuration)
prints 0 changed "--dry-run says what would be" lbctl --dry-run backend weight web 10.0.0.11:8080 9
prints 0 unchanged "or would not" lbctl --dry-run backend weight web 10.0.0.11:8080 7
prints 0 changed "also of service add" lbctl --dry-run service add other 192.0.2.20:80/tcp
prints 0 changed "and del" lbctl service del web --dry-run
refused 4 nosuch "and refuses what would be refused" lbctl --dry-run service del nosuch
prints 0 changed "and detach" lbctl --dry-run detach
is "$(configuration)" "$before" "and changes nothing"

prints 0 changed "backend del" lbctl backend del web 10.0.0.11:8080
refused 4 10.0.0.11 "backend del again is not found" lbctl backend del web 10.0.0.11:8080
prints 0 unchanged "unless --if-exists" lbctl backend del web 10.0.0.11:8080 --if-exists
prints 0 changed "service del" lbctl svc rm web
refused 4 web "service del again is not found" lbctl service del web
prints 0 unchanged "unless --if-exists" lbctl service del web --if-exists
prints 0 changed "detach" lbctl detach
refused 8 attach "detach again finds nothing attached" lbctl detach
finish
