#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What every verb says with --json, on both outputs, is what the schema says, with no field
# besides; and what comes over time is JSON a line.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/commands.bash
source "$ROOT/tests/lib/shell/commands.bash"

texts=()

# keep DEFINITION FORM TEXT FILE: to be held against the schema.
keep() {
	echo "$1 $2 $4" >>"$WORK/list"
	texts+=("$3")
}

# answer VERB CODE ARGUMENTS...: what it says on either output. A verb in capitals says text.
answer() {
	local verb=${1,,} form=line code=$2 status=0 path=$WORK/answer${#texts[@]}
	[[ $verb == "$1" ]] || form=text
	shift 2
	lbctl --lock-timeout 60s -j "$@" >"$path" 2>"$path.err" || status=$?
	((status == code)) || fail "-j $*" "exit status $status, wanted $code" "$(<"$path.err")"
	is "$(verb_of "$@")" "$verb" "$verb is what $* is"
	had_verb "$verb"
	if ((status < 2)); then
		keep "$verb" $form "lbctl -j $*" "$path"
		[[ ! -s $path.err ]] || keep warning line "lbctl -j $*, on stderr" "$path.err"
	else
		keep problem line "lbctl -j $*, refused" "$path.err"
		[[ ! -s $path ]] || fail "nothing on stdout: lbctl -j $*" "$(<"$path")"
	fi
}

# wrong DEFINITION FILE TEXT: the schema does not allow this.
wrong() {
	local said
	said=$(echo "$1 line $2" | "$ROOT/tests/lib/shell/schema.py" "$SCHEMA")
	ok "a schema that is held to refuses $3" test -n "$said"
}

lab_up --backends 3
echo '-A -f 7 -s rr' >"$WORK/marked"
answer status 8 status
answer attach 4 attach nosuch
must on balancer sysctl -qw net.ipv4.ip_forward=0
answer attach 0 attach back front
is "$(jq -r .warning.id "$WORK/answer$((${#texts[@]} - 2)).err")" no-forwarding "a warning is JSON, too"
must on balancer sysctl -qw net.ipv4.ip_forward=1
answer service-list 0 service list
answer service-add 0 service add web "$VIP4:80/tcp" --check tcp,interval=100ms --feedback observe --scheduler lrt
answer service-add 5 service add web "$VIP4:81/tcp"
answer backend-list 0 backend list web
answer backend-add 0 backend add web 10.0.0.11 --weight 5 --max-flows 1000
answer backend-add 0 backend add web 10.0.0.12
answer service-add 0 service add six "[$VIP6]:5353/udp" --forward gue --persist source=5m/64 --timeout-new 2s
answer backend-add 0 backend add six 2001:db8:3::13 --state drain
answer service-set 0 service set six --load-factor 1.5 --reset-dead on
answer service-add 0 service add spare "$VIP4:8081/tcp"
answer backend-add 0 backend add spare 10.0.0.13
answer service-set 0 service set web --spill spare

# Real traffic: flows that are over, and one that is not; its latency; what is not ours.
start lbctl -j trace >"$WORK/trace" 2>"$WORK/trace.err"
tracing=$STARTED
traced() {
	on client ping -c 1 -W 1 198.51.100.1
	test -s "$WORK/trace"
}
must await 10 traced
must fetch 64 "$(url "$VIP4")"
converse http-kept "$VIP4" 80
say hello
answer backend-maint 0 backend maint web 10.0.0.12 --reset
answer backend-ready 0 backend ready web 10.0.0.12
answer backend-weight 0 backend weight web 10.0.0.11 50%
answer check 0 check
start lbctl -j events --follow >"$WORK/events"
following=$STARTED
follow_hops
answer run 5 run
answer status 0 status
judged() {
	lbctl -j status | jq -e '.services[].backends[].feedback | select(. != null)'
}
must await 20 judged
answer status 1 status --strict
answer service-list 0 service list
answer service-show 0 service show web
answer service-show 4 service show nosuch
answer backend-list 0 backend list web
answer backend-show 0 backend show web 10.0.0.11
answer stats 0 stats
answer stats 0 stats web -i 0.1 -c 2
answer flow-list 0 flow list
answer flow-count 0 flow count
answer flow-flush 5 flow flush
answer wait 7 wait web --for drained --timeout 10ms
hang_up
answer flow-flush 0 flow flush --force
answer WAIT 0 wait web --for drained
answer explain 0 explain --src 198.51.100.2:4711 --dst "$VIP4:80/tcp" --syn
answer explain 1 explain --src 198.51.100.2:4711 --dst "$VIP4:82/tcp"
answer explain 1 explain --src 10.0.0.11:80 --dst 198.51.100.2:4711/tcp
answer check-probe 0 check probe http:/healthz 10.0.0.11:80 --count 2 --interval 10ms
answer check-probe 1 check probe tcp 10.0.0.11:81
answer doctor 1 doctor
answer events 0 events
answer events 0 events web --since 1h
answer METRICS 0 metrics
answer import 1 import ipvsadm --strict -f "$WORK/marked"
answer top 2 top
answer COMPLETION 0 completion fish
answer schema 0 schema
answer schema 0 schema service list
answer HELP 0 help
answer version 0 version
answer version 0 -V version
answer decap 5 decap front
answer upgrade 0 upgrade
answer backend-drain 0 backend drain web 10.0.0.12 --wait
answer backend-del 0 backend del web 10.0.0.12
answer save 0 save
answer VALIDATE 0 validate -f <(lbctl save)
lbctl save >"$WORK/lb.yaml"
answer diff 0 diff -f "$WORK/lb.yaml"
sed -i 's/weight: 5/weight: 6/; s/scheduler: lrt/scheduler: rr/; s/name: spare/name: rest/; s/spill: spare/spill: rest/; s/name: front/name: ffront/' "$WORK/lb.yaml"
answer diff 1 diff -f "$WORK/lb.yaml"
answer validate 3 validate -f /dev/null
echo '{version: 1, services: [{name: nine, vip: "192.0.2.9:9/udp"}]}' >"$WORK/nine.yaml"
answer apply 0 apply -f "$WORK/nine.yaml" --confirm-within 1m
answer confirm 0 confirm
answer confirm 4 confirm
answer service-del 0 service del nine
follow_end
stop "$tracing"
told() {
	tail -n 1 "$WORK/events" | jq -e .event
}
must await 10 told
stop "$following"
had_verb trace
keep trace line "trace, while packets came" "$WORK/trace"
[[ ! -s $WORK/trace.err ]] || keep warning line "trace, on stderr" "$WORK/trace.err"
keep events line "events --follow" "$WORK/events"
answer detach 0 detach --force
answer decap 0 decap b1 --off

while IFS= read -r said && IFS= read -r text <&3; do
	is "$said" "" "as the schema says: $text"
done < <("$ROOT/tests/lib/shell/schema.py" "$SCHEMA" <"$WORK/list") 3< <(printf '%s\n' "${texts[@]}")

all_were_had "$all_verbs" "every verb has had a case"
lbctl -j version | jq -c '.new = 1' >"$WORK/new"
wrong version "$WORK/new" "a field that it does not have"
jq -c '.[0].backends[0].new = 1' "$WORK/answer$(grep -n '^service-list line' "$WORK/list" | tail -n 1 | cut -d: -f1 | xargs -I{} expr {} - 1)" >"$WORK/new" || true
wrong service-list "$WORK/new" "a new field far inside"
says 0 "$(<"$SCHEMA")" "lbctl has the schema with it" lbctl schema
finish
