#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A repeated command answers "unchanged" with exit code 0. Adding an existing object with other
# settings is refused without --update.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

lab_up --backends 0
prints 0 changed "attach" lbctl attach front back
prints 0 unchanged "attach, repeated" lbctl attach front back
add=(service add web 192.0.2.10:80/tcp --scheduler rr --timeout-established 1h)
prints 0 changed "service add" lbctl "${add[@]}"
prints 0 unchanged "service add, repeated" lbctl "${add[@]}"
refused 5 web "service add with other settings is refused" lbctl service add web 192.0.2.10:80/tcp --scheduler random
prints 0 changed "service add --update with other settings" lbctl service add web 192.0.2.10:80/tcp --scheduler random --update
prints 0 unchanged "service add --update, repeated" lbctl service add web 192.0.2.10:80/tcp --scheduler random --update
prints 0 unchanged "service set of the current value" lbctl service set web --scheduler random
prints 0 changed "service set" lbctl service set web --scheduler wrr
prints 0 unchanged "service set, repeated" lbctl service set web --scheduler wrr

prints 0 changed "backend add" lbctl backend add web 10.0.0.11:8080 --weight 5
prints 0 unchanged "backend add, repeated" lbctl backend add web 10.0.0.11:8080 --weight 5
prints 0 unchanged "backend add, repeated with the VIP as the service" lbctl backend add 192.0.2.10:80/tcp 10.0.0.11:8080 --weight 5
prints 0 unchanged "backend add, repeated with an alias" lbctl be add web 10.0.0.11:8080 --weight=5
refused 5 10.0.0.11 "backend add with other settings is refused" lbctl backend add web 10.0.0.11:8080 --weight 6
prints 0 changed "backend add --update with other settings" lbctl backend add web 10.0.0.11:8080 --weight 6 --update
prints 0 changed "backend weight" lbctl backend weight web 10.0.0.11:8080 7
prints 0 unchanged "backend weight, repeated" lbctl backend weight web 10.0.0.11:8080 7
for state in drain maint ready; do
	prints 0 changed "backend $state" lbctl backend "$state" web 10.0.0.11:8080
	prints 0 unchanged "backend $state, repeated" lbctl backend "$state" web 10.0.0.11:8080
done
prints 0 '{"changed":false}' "-j: unchanged" sh -c '"$@" | jq -c .' sh \
	nsenter --net="/run/netns/lb-$NAME-balancer" "$LBCTL" --instance "$NAME" -j backend ready web 10.0.0.11:8080
prints 0 '{"changed":true}' "-j: changed" sh -c '"$@" | jq -c .' sh \
	nsenter --net="/run/netns/lb-$NAME-balancer" "$LBCTL" --instance "$NAME" -j backend drain web 10.0.0.11:8080
prints 0 "" "--quiet prints nothing" lbctl -q backend ready web 10.0.0.11:8080

before=$(configuration)
prints 0 changed "--dry-run backend weight" lbctl --dry-run backend weight web 10.0.0.11:8080 9
prints 0 unchanged "--dry-run backend weight of the current value" lbctl --dry-run backend weight web 10.0.0.11:8080 7
prints 0 changed "--dry-run service add" lbctl --dry-run service add other 192.0.2.20:80/tcp
prints 0 changed "--dry-run service del" lbctl service del web --dry-run
refused 4 nosuch "--dry-run service del of an unknown service is refused" lbctl --dry-run service del nosuch
prints 0 changed "--dry-run detach" lbctl --dry-run detach
is "$(configuration)" "$before" "--dry-run changes nothing"

prints 0 changed "backend del" lbctl backend del web 10.0.0.11:8080
refused 4 10.0.0.11 "backend del, repeated, is refused" lbctl backend del web 10.0.0.11:8080
prints 0 unchanged "backend del --if-exists, repeated" lbctl backend del web 10.0.0.11:8080 --if-exists
prints 0 changed "service del" lbctl svc rm web
refused 4 web "service del, repeated, is refused" lbctl service del web
prints 0 unchanged "service del --if-exists, repeated" lbctl service del web --if-exists
prints 0 changed "detach" lbctl detach
refused 8 attach "detach, repeated, is refused" lbctl detach
finish
