#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An invalid command has the documented exit code, prints a message in the documented form to stderr
# (JSON with -j) and nothing to stdout, and does not change the configuration.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

balancer_up --backends 0
must lbctl service add web 192.0.2.10:80/tcp
must lbctl service add web6 '[2001:db8:2::10]:80/tcp'
must lbctl service add dns 192.0.2.10:53/udp
must lbctl backend add web 10.0.0.11:8080 --weight 5
must lbctl backend add web 10.0.0.12 --weight 3 --state drain
must lbctl backend add web6 2001:db8:3::11
before=$(configuration)

# CODE | REGEX FOR THE MESSAGE | THE COMMAND
while IFS='|' read -r code regex words; do
	[[ -n $code ]] || continue
	read -ra command <<<"$words"
	code=${code// /} regex=${regex// /} words=${words# }
	refused "$code" "$regex" "$code: $words" lbctl "${command[@]}"

	status=0
	lbctl -j "${command[@]}" >"$WORK/out" 2>"$WORK/err" || status=$?
	if ((status != code)); then
		fail "with -j: $words" "exit status $status, wanted $code"
	elif ! jq -e --argjson code "$code" '.error | .code == $code and (.id | test("^[a-z0-9-]+$")) and (.message | length > 3)' \
		"$WORK/err" >"$WORK/jq" 2>&1; then
		fail "with -j: $words" "stderr: $(<"$WORK/err")"
	elif [[ -s $WORK/out ]]; then
		fail "with -j: $words" "stdout: $(<"$WORK/out")"
	else
		pass "with -j: $words"
	fi
	after=$(configuration)
	if [[ $after != "$before" ]]; then
		fail "no change by: $words" "before: $before" "after:  $after"
		before=$after
	fi
done <<'END'
2 | frobnicate            | frobnicate
2 | frobnicate            | service frobnicate
2 | service               | service
2 | service.add           | service add
2 | service.add           | service add name
2 | too.many.arguments    | service add name 192.0.2.20:80/tcp extra
2 | backend.add           | backend add web
2 | backend.weight        | backend weight web 10.0.0.12
2 | too.many.arguments    | backend weight web 10.0.0.12 3 extra
2 | --bogus               | service list --bogus
2 | --sched               | service add name 192.0.2.20:80/tcp --sched rr
2 | --weight              | backend add web 10.0.0.13 --weight
2 | --force               | service add name 192.0.2.20:80/tcp --force
2 | --bogus               | --bogus status
2 | attach                | attach
2 | lbctl.help.stats      | help stat
2 | lbctl.help.service    | help service lst
3 | whole                 | stats -c 1.5
3 | No.such.file          | attach front --hash-key /nonexistent/key
3 | 32.hexa               | attach front --hash-key /dev/null
3 | Name                  | service add Name 192.0.2.20:80/tcp
3 | -name                 | service add -- -name 192.0.2.20:80/tcp
3 | n_m                   | service add n_m 192.0.2.20:80/tcp
3 | aaaa                  | service add aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 192.0.2.20:80/tcp
3 | 192.0.2.300           | service add name 192.0.2.300:80/tcp
3 | 192.0.2               | service add name 192.0.2:80/tcp
3 | example               | service add name example.org:80/tcp
3 | 192.0.2.20            | service add name 192.0.2.20/tcp
3 | 65536                 | service add name 192.0.2.20:65536/tcp
3 | 8o                    | service add name 192.0.2.20:8o/tcp
3 | sctp                  | service add name 192.0.2.20:80/sctp
3 | 2001                  | service add name 2001:db8::10:80/tcp
3 | 2001                  | service add name [2001:db8::10:80/tcp
3 | fastest               | service add name 192.0.2.20:80/tcp --scheduler fastest
3 | expected.nat          | service add name 192.0.2.20:80/tcp --forward tunnel
3 | separated.by.a.comma  | service add name 192.0.2.20:80/tcp --source 10.0.0.0/33
3 | separated.by.a.comma  | service add name 192.0.2.20:80/tcp --source 10.0.0.0/24,10.0.1.0/24
3 | persist               | service add name 192.0.2.20:80/tcp --persist client
3 | persist               | service add name 192.0.2.20:80/tcp --persist source=0s
3 | persist               | service add name 192.0.2.20:80/tcp --persist source=5m/33
3 | for.UDP.services      | service add name 192.0.2.20:80/tcp --persist none
3 | for.UDP.services      | service set web --persist none
3 | persist-through-drain | service set web --persist-through-drain yes
3 | load-factor           | service set web --load-factor 1
3 | max-flows             | backend add web 10.0.0.19 --max-flows many
3 | reset-dead            | service set web --reset-dead 1
3 | path                  | service add name 192.0.2.20:80/tcp --check http:healthz
3 | expected.none         | service add name 192.0.2.20:80/tcp --check icmp
3 | rise                  | service set web --check tcp,rise=0
3 | port=N                | service add name 192.0.2.20:0/tcp --check tcp
3 | observe               | service add name 192.0.2.20:80/tcp --feedback maybe
3 | timeout-new           | service add name 192.0.2.20:80/tcp --timeout-new 5x
3 | timeout-new           | service add name 192.0.2.20:80/tcp --timeout-new 0s
3 | timeout-new           | service add name 192.0.2.20:80/tcp --timeout-new 999ms
3 | timeout-new           | service add name 192.0.2.20:80/tcp --timeout-new 10
3 | timeout-established   | service add name 192.0.2.20:80/tcp --timeout-established 25h
3 | timeout-established   | service set web --timeout-established -1s
3 | timeout-closing       | service set web --timeout-closing 99999999999999999999s
3 | lock-timeout          | --lock-timeout soon service list
3 | color                 | --color mauve service list
3 | lock-timeout          | --lock-timeout= service list
2 | check.probe           | check probe tcp
2 | need.each.other       | check probe tcp 10.0.0.11:80 --vip 192.0.2.10
3 | path                  | check probe http:healthz 10.0.0.11:80
3 | expected.ping         | check probe none 10.0.0.11:80
3 | missing.port          | check probe tcp 10.0.0.11
3 | ADDR                  | check probe tcp web:80
3 | ADDR                  | check probe tcp 10.0.0.11:80/tcp
3 | count                 | check probe tcp 10.0.0.11:80 --count 0
3 | interval              | check probe tcp 10.0.0.11:80 --interval soon
3 | forward               | check probe tcp 10.0.0.11:80 --vip 192.0.2.10 --forward nat
4 | nosuch                | service set nosuch --scheduler rr
4 | nosuch                | service show nosuch
4 | nosuch                | service del nosuch
4 | 192.0.2.99            | service del 192.0.2.99:80/tcp
4 | 192.0.2.10:80/udp     | service show 192.0.2.10:80/udp
4 | nosuch                | backend add nosuch 10.0.0.11
4 | nosuch                | backend list nosuch
4 | 10.0.0.99             | backend weight web 10.0.0.99 1
4 | 10.0.0.11             | backend weight web 10.0.0.11 1
4 | 10.0.0.99             | backend drain web 10.0.0.99
4 | 10.0.0.99             | backend ready web 10.0.0.99
4 | 10.0.0.99             | backend maint web 10.0.0.99
4 | 10.0.0.99             | backend del web 10.0.0.99
4 | 10.0.0.12:81          | backend del web 10.0.0.12:81
4 | 10.0.0.99             | backend show web 10.0.0.99
4 | nosuch                | flow list --service nosuch
4 | nosuch                | attach nosuch
4 | nosuch                | detach nosuch
5 | web                   | service add web 192.0.2.20:80/tcp
5 | web                   | service add web 192.0.2.10:80/tcp --scheduler rr
5 | web                   | service add other 192.0.2.10:80/tcp
5 | 10.0.0.11             | backend add web 10.0.0.11:8080 --weight 6
5 | 10.0.0.12             | backend add web 10.0.0.12 --weight 3 --state maint
3 | 65536                 | backend add web 10.0.0.13 --weight 65536
3 | -1                    | backend add web 10.0.0.13 --weight -1
3 | 1.5                   | backend add web 10.0.0.13 --weight 1.5
3 | heavy                 | backend add web 10.0.0.13 --weight heavy
3 | .                     | backend add web 10.0.0.13 --weight=
3 | 99999999999999999999  | backend add web 10.0.0.13 --weight 99999999999999999999
3 | 65536                 | backend weight web 10.0.0.12 65536
3 | heavy                 | backend weight web 10.0.0.12 heavy
3 | 65535                 | backend weight web 10.0.0.12 +65535
3 | .                     | backend weight web 10.0.0.12 -4
3 | .                     | backend weight web 10.0.0.12 %
3 | broken                | backend add web 10.0.0.13 --state broken
3 | 2001:db8:3::11        | backend add web 2001:db8:3::11
3 | 10.0.0.11             | backend add web6 10.0.0.11
3 | 10.0.0                | backend add web 10.0.0
3 | 10.0.0.13:0           | backend add web 10.0.0.13:0
3 | 10.0.0.13:65536       | backend add web 10.0.0.13:65536
3 | 10.0.0.13:http        | backend add web 10.0.0.13:http
3 | soon                  | backend drain web 10.0.0.12 --wait --timeout soon
3 | .                     | flow list --client 10.0.0
3 | never                 | attach front --mode never
3 | max-services          | attach front --max-services 0
3 | max-services          | attach front --max-services many
3 | max-backends          | attach front --max-backends 65536
3 | max-flows             | attach front --max-flows -5
3 | max-clients           | attach front --max-clients 0
END

is "$(configuration)" "$before" "no invalid command changes the configuration"
prints 0 "" "del --if-exists accepts an unknown service" lbctl --quiet service del nosuch --if-exists
finish
