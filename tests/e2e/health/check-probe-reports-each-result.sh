#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `check probe` runs any kind of check against any target, without an instance. It reports success,
# or failure with its reason, over IPv4 and IPv6, as text and as JSON.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

PATIENT=interval=1m,timeout=1m # a busy machine's answers are late

# probe_result_is CODE REGEX SPEC TARGET: the exit status, and the reason.
probe_result_is() {
	local status=0 spec=$3
	[[ $spec == *timeout=* ]] || spec+=,$PATIENT
	lbctl -j check probe "$spec" "$4" >"$WORK/report" 2>"$WORK/err" || status=$?
	is "$status" "$1" "$3, target $4: the exit status is $1"
	like "$(jq -r .reason "$WORK/report")" "$2" "$3, target $4: the reason is in the report"
}

report_field() { # FILTER
	jq -r "$1" "$WORK/report"
}

certificate() { # NAME SUBJECT EXTENSION [FLAGS...]
	must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$2" \
		-addext "$3" -keyout "$WORK/$1.key" -out "$WORK/$1.pem"
}

lab_up --backends 1
for family in 4 6; do
	address=$(address_of $family 1) at=$(bracket "$(address_of $family 1)")
	probe_result_is 0 '^connected$' tcp "$at:80"
	is "$(report_field '[.passed, .timed_out, .connect_us > 0, .connect_us <= .total_us, .first_byte_us] | @csv')" \
		"true,false,true,true," "tcp: the report has the time to connect"
	probe_result_is 1 '^connect: Connection refused$' tcp "$at:81"
	probe_result_is 0 '^connected$' tcp,port=8080 "$at:81"
	probe_result_is 0 '^answered$' ping "$address"
	is "$(report_field '[.passed, .connect_us, .first_byte_us > 0] | @csv')" "true,,true" "ping: the report has the time to the first byte"
	probe_result_is 0 '^http 200$' http:/healthz "$at:80"
	is "$(report_field '.connect_us <= .first_byte_us and .first_byte_us <= .total_us')" true "http: the report has its times in order"
	probe_result_is 1 '^http 404$' http:/nothing "$at:80"
	probe_result_is 0 '^http 404$' http:/nothing,expect=404 "$at:80"
	probe_result_is 0 '^http 200$' http:/,match=b1 "$at:80"
	probe_result_is 1 '^http 200, no match$' http:/,match=b2 "$at:80"
	probe_result_is 1 '^connect: Connection refused$' http:/ "$at:81"
done
probe_result_is 1 '^(timeout: no answer|ping: No route to host)$' ping,timeout=300ms 10.0.0.99
probe_result_is 1 '^(timeout: connect|connect: No route to host)$' http:/,timeout=300ms 10.0.0.99:80
on balancer ip route add blackhole 203.0.113.0/24
probe_result_is 1 '^connect: Invalid argument$' tcp 203.0.113.1:80
like "$(lbctl check probe http:/healthz,$PATIENT 10.0.0.11:80)" $'probe +http of 10.0.0.11:80\nresult +passed\nreason +http 200\n' \
	"the text has target, result and reason"
prints 0 "" "--quiet prints nothing" lbctl -q check probe tcp,$PATIENT 10.0.0.11:80
is "$(lbctl -j check probe tcp,$PATIENT 10.0.0.11:80 --count 3 -i 0s | jq -s length)" 3 "--count 3 runs three probes"

certificate web web.example "subjectAltName=DNS:web.example,IP:10.0.0.11"
certificate other other.example "subjectAltName=DNS:other.example"
start on b1 "$ROOT/tests/lib/shell/hostile_server.py" tls 8443 "$WORK/web.pem" "$WORK/web.key" "$WORK/tls"
must await 10 test -e "$WORK/tls"
probe_result_is 1 '^https: .*certificate' https:/ 10.0.0.11:8443
probe_result_is 0 '^https 200$' https:/,insecure 10.0.0.11:8443
probe_result_is 0 '^https 200$' "https:/,ca=$WORK/web.pem,match=ok" 10.0.0.11:8443
lbctl -j check probe "https:/,ca=$WORK/web.pem,match=new,$PATIENT" 10.0.0.11:8443 --count 3 -i 0s >"$WORK/report" || true
is "$(jq -s -c 'map(.passed)' "$WORK/report")" "[true,true,true]" "each probe has a new TLS session, so it verifies the certificate"
probe_result_is 0 '^https 200$' "https:/,ca=$WORK/web.pem,sni=web.example" 10.0.0.11:8443
probe_result_is 0 '^https 200$' "https:/,ca=$WORK/web.pem,host=web.example:8443" 10.0.0.11:8443
probe_result_is 1 '^https: .*(subject|match)' "https:/,ca=$WORK/web.pem,sni=other.example" 10.0.0.11:8443
probe_result_is 1 '^https: .*certificate' "https:/,ca=$WORK/other.pem,sni=web.example" 10.0.0.11:8443

probe_result_is 0 '^exit 0$' exec:/bin/true 10.0.0.11:80
probe_result_is 1 '^exit 3: no good$' "exec:/bin/sh -c 'echo no good; echo at all; exit 3'" 10.0.0.11
probe_result_is 1 '^signal 9$' "exec:/bin/sh -c 'kill -9 \$\$'" 10.0.0.11
probe_result_is 1 '^exec: No such file or directory$' exec:/nonexistent 10.0.0.11
probe_result_is 1 '^more than 65536 bytes of output$' exec:/usr/bin/yes 10.0.0.11
export UNWANTED=1
# shellcheck disable=SC2016 # for the shell in there
probe_result_is 0 '^exit 0$' 'exec:/bin/sh -c '\''[ "$LBCTL_ADDRESS $LBCTL_PORT" = "10.0.0.11 80" ]'\' 10.0.0.11:80
# shellcheck disable=SC2016
probe_result_is 0 '^exit 0$' 'exec:/bin/sh -c '\''[ -z "$UNWANTED$HOME" ] && [ "$PWD" = / ]'\' 10.0.0.11
exec 9<"$0"
probe_result_is 1 '^exit 1$' 'exec:/usr/bin/test -e /proc/self/fd/9' 10.0.0.11
exec 9<&-

# Processes that a check leaves behind: sleep commands, which this test recognises by its own number.
no_process() { # REGEX
	! pgrep -f "$1"
}
probe_result_is 1 '^timeout: the command did not end$' "exec:/bin/sh -c 'trap : TERM; sleep 4711.$$ & sleep 4711.$$',timeout=200ms" 10.0.0.11
ok "a command that times out is killed with its children" no_process "sleep 4711\\.$$\$"
probe_result_is 0 '^exit 0$' "exec:/bin/sh -c 'sleep 4712.$$ >/dev/null & exit 0'" 10.0.0.11
ok "children that outlive the command are killed" no_process "sleep 4712\\.$$\$"
start lbctl check probe "exec:/bin/sleep 4713.$$,$PATIENT" 10.0.0.11
ok "a command runs" await 10 pgrep -f "sleep 4713\\.$$\$"
stop_hard "$STARTED"
ok "the command is killed with lbctl" await 10 no_process "^/bin/sleep 4713\\.$$\$"
finish
