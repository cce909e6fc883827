#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The --json output of every command, on standard output and standard error, matches the schema and
# has no other field. trace and events --follow print one JSON document per line.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/commands.bash
source "$ROOT/tests/lib/shell/commands.bash"

texts=()

# add_document DEFINITION FORM TEXT FILE: registers a file for the validation at the end.
add_document() {
	echo "$1 $2 $4" >>"$WORK/list"
	texts+=("$3")
}

# run_and_check COMMAND CODE ARGUMENTS...: runs lbctl -j, and registers its output for validation. A
# COMMAND in capitals prints text instead of JSON.
run_and_check() {
	local verb=${1,,} form=line code=$2 status=0 path=$WORK/answer${#texts[@]}
	[[ $verb == "$1" ]] || form=text
	shift 2
	lbctl -j "$@" >"$path" 2>"$path.err" || status=$?
	((status == code)) || fail "-j $*" "exit status $status, wanted $code" "$(<"$path.err")"
	is "$(command_of "$@")" "$verb" "the command is $verb: $*"
	cover_command "$verb"
	if ((status < 2)); then
		add_document "$verb" $form "lbctl -j $*" "$path"
		[[ ! -s $path.err ]] || add_document warning line "lbctl -j $*, on stderr" "$path.err"
	else
		add_document problem line "lbctl -j $*, refused" "$path.err"
		[[ ! -s $path ]] || fail "an error prints nothing on stdout: lbctl -j $*" "$(<"$path")"
	fi
}

# is_rejected DEFINITION FILE TEXT: the validation finds an error in the file.
is_rejected() {
	local error
	error=$(echo "$1 line $2" | "$ROOT/tests/lib/shell/schema.py" "$SCHEMA")
	ok "the validation rejects $3" test -n "$error"
}

lab_up --backends 3
echo '-A -f 7 -s rr' >"$WORK/marked"
run_and_check status 8 status
run_and_check attach 4 attach nosuch
must on balancer sysctl -qw net.ipv4.ip_forward=0
run_and_check attach 0 attach back front
is "$(jq -r .warning.id "$WORK/answer$((${#texts[@]} - 2)).err")" no-forwarding "-j prints a warning as JSON"
must on balancer sysctl -qw net.ipv4.ip_forward=1
run_and_check service-list 0 service list
run_and_check service-add 0 service add web "$VIP4:80/tcp" --check tcp,interval=20s,timeout=20s --feedback observe --scheduler lrt
run_and_check service-add 5 service add web "$VIP4:81/tcp"
run_and_check backend-list 0 backend list web
run_and_check backend-add 0 backend add web 10.0.0.11 --weight 5 --max-flows 1000
run_and_check backend-add 0 backend add web 10.0.0.12
run_and_check service-add 0 service add six "[$VIP6]:5353/udp" --forward gue --persist source=5m/64 --timeout-new 2s
run_and_check backend-add 0 backend add six 2001:db8:3::13 --state drain
run_and_check service-set 0 service set six --load-factor 1.5 --reset-dead on
run_and_check service-add 0 service add spare "$VIP4:8081/tcp"
run_and_check backend-add 0 backend add spare 10.0.0.13
run_and_check service-set 0 service set web --spill spare

# Traffic: closed flows, an active flow, response times, and packets that match no service.
start lbctl -j trace >"$WORK/trace" 2>"$WORK/trace.err"
tracing=$STARTED
traced() {
	on client ping -c 1 -W 1 198.51.100.1
	test -s "$WORK/trace"
}
must await 10 traced
must fetch 64 "$(url "$VIP4")"
session_start http-kept "$VIP4" 80
session_send hello
run_and_check backend-maint 0 backend maint web 10.0.0.12 --reset
run_and_check backend-ready 0 backend ready web 10.0.0.12
run_and_check backend-weight 0 backend weight web 10.0.0.11 50%
run_and_check check 0 check
start lbctl -j events --follow >"$WORK/events"
following=$STARTED
nexthop_tracking_start
run_and_check run 5 run
run_and_check status 0 status
has_feedback() {
	lbctl -j status | jq -e '.services[].backends[].feedback | select(. != null)'
}
must await 20 has_feedback
run_and_check status 1 status --strict
run_and_check service-list 0 service list
run_and_check service-show 0 service show web
run_and_check service-show 4 service show nosuch
run_and_check backend-list 0 backend list web
run_and_check backend-show 0 backend show web 10.0.0.11
run_and_check stats 0 stats
run_and_check stats 0 stats web -i 0.1 -c 2
run_and_check flow-list 0 flow list
run_and_check flow-count 0 flow count
run_and_check flow-flush 5 flow flush
run_and_check wait 7 wait web --for drained --timeout 10ms
session_end
run_and_check flow-flush 0 flow flush --force
run_and_check WAIT 0 wait web --for drained
run_and_check explain 0 explain --src 198.51.100.2:4711 --dst "$VIP4:80/tcp" --syn
run_and_check explain 1 explain --src 198.51.100.2:4711 --dst "$VIP4:82/tcp"
run_and_check explain 1 explain --src 10.0.0.11:80 --dst 198.51.100.2:4711/tcp
run_and_check check-probe 0 check probe http:/healthz 10.0.0.11:80 --count 2 --interval 10ms
run_and_check check-probe 1 check probe tcp 10.0.0.11:81
run_and_check doctor 1 doctor
run_and_check events 0 events
run_and_check events 0 events web --since 1h
run_and_check METRICS 0 metrics
run_and_check import 1 import ipvsadm --strict -f "$WORK/marked"
run_and_check top 2 top
run_and_check COMPLETION 0 completion fish
run_and_check schema 0 schema
run_and_check schema 0 schema service list
run_and_check HELP 0 help
run_and_check version 0 version
run_and_check version 0 -V version
run_and_check decap 5 decap front
run_and_check upgrade 0 upgrade
run_and_check backend-drain 0 backend drain web 10.0.0.12 --wait
run_and_check backend-del 0 backend del web 10.0.0.12
run_and_check save 0 save
run_and_check VALIDATE 0 validate -f <(lbctl save)
lbctl save >"$WORK/lb.yaml"
run_and_check diff 0 diff -f "$WORK/lb.yaml"
sed -i 's/weight: 5/weight: 6/; s/scheduler: lrt/scheduler: rr/; s/name: spare/name: rest/; s/spill: spare/spill: rest/; s/name: front/name: ffront/' "$WORK/lb.yaml"
run_and_check diff 1 diff -f "$WORK/lb.yaml"
run_and_check validate 3 validate -f /dev/null
echo '{version: 1, services: [{name: nine, vip: "192.0.2.9:9/udp"}]}' >"$WORK/nine.yaml"
run_and_check apply 0 apply -f "$WORK/nine.yaml" --confirm-within 1m
run_and_check confirm 0 confirm
run_and_check confirm 4 confirm
run_and_check service-del 0 service del nine
nexthop_tracking_end
stop "$tracing"
events_are_complete() { # the last line is
	tail -n 1 "$WORK/events" | jq -e .event
}
must await 10 events_are_complete
stop "$following"
cover_command trace
add_document trace line "trace" "$WORK/trace"
[[ ! -s $WORK/trace.err ]] || add_document warning line "trace, on stderr" "$WORK/trace.err"
add_document events line "events --follow" "$WORK/events"
run_and_check detach 0 detach --force
run_and_check decap 0 decap b1 --off

while IFS= read -r error && IFS= read -r text <&3; do
	is "$error" "" "matches the schema: $text"
done < <("$ROOT/tests/lib/shell/schema.py" "$SCHEMA" <"$WORK/list") 3< <(printf '%s\n' "${texts[@]}")

all_covered "$all_commands" "every command has a case"
lbctl -j version | jq -c '.new = 1' >"$WORK/new"
is_rejected version "$WORK/new" "an unknown field"
jq -c '.[0].backends[0].new = 1' "$WORK/answer$(grep -n '^service-list line' "$WORK/list" | tail -n 1 | cut -d: -f1 | xargs -I{} expr {} - 1)" >"$WORK/new" || true
is_rejected service-list "$WORK/new" "an unknown field of a nested object"
prints 0 "$(<"$SCHEMA")" "lbctl schema prints the schema" lbctl schema
finish
