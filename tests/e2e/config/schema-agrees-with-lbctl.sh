#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The schema of configuration files accepts and rejects the same files as lbctl, so an editor that
# uses it shows the same errors. The files in the documents are valid.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/commands.bash
source "$ROOT/tests/lib/shell/commands.bash"

texts=()
verdicts=()
while read -r verdict text; do
	status=0
	path=$WORK/file${#texts[@]}
	text=$(sed 's/SERVICE/"name":"web","vip":"192.0.2.10:80\/tcp"/g' <<<"$text")
	echo "$text" >"$path"
	"$LBCTL" validate -f "$path" >"$WORK/out" 2>"$WORK/err" || status=$?
	is "$status" "$([[ $verdict == right ]] && echo 0 || echo 3)" "lbctl: $verdict: $text"
	texts+=("$text")
	verdicts+=("$verdict")
	echo "configuration line $path" >>"$WORK/list"
done <<'END'
right {"version":1}
wrong {}
wrong {"version":2}
wrong {"version":1,"service":[]}
wrong []
right {"version":1,"interfaces":[{"name":"eth0"},{"name":"eth1","mode":"native"}]}
wrong {"version":1,"interfaces":[{"name":"eth0","mode":"fast"}]}
wrong {"version":1,"interfaces":[{"mode":"auto"}]}
wrong {"version":1,"interfaces":[{"name":"an-interface-with-a-long-name"}]}
wrong {"version":1,"interfaces":{"name":"eth0"}}
right {"version":1,"limits":{"max-services":1,"max-backends":65534,"max-flows":33554432,"max-sources":64,"max-clients":1}}
wrong {"version":1,"limits":{"max-services":0}}
wrong {"version":1,"limits":{"max-services":65535}}
wrong {"version":1,"limits":{"max-backends":65535}}
wrong {"version":1,"limits":{"max-flows":33554433}}
wrong {"version":1,"limits":{"max-sources":65}}
wrong {"version":1,"limits":{"max-sorces":1}}
right {"version":1,"hash-key":"/etc/lbctl/key"}
right {"version":1,"defaults":{"check":"tcp,interval=2s","load-factor":1.25,"reset-dead":"on"}}
wrong {"version":1,"defaults":{"check":"icmp"}}
wrong {"version":1,"defaults":{"name":"web"}}
right {"version":1,"services":[{SERVICE}]}
wrong {"version":1,"services":[{"name":"web"}]}
wrong {"version":1,"services":[{"vip":"192.0.2.10:80/tcp"}]}
wrong {"version":1,"services":[{"name":"Web","vip":"192.0.2.10:80/tcp"}]}
wrong {"version":1,"services":[{"name":"-web","vip":"192.0.2.10:80/tcp"}]}
wrong {"version":1,"services":[{"name":"web","vip":"192.0.2.10:80"}]}
wrong {"version":1,"services":[{"name":"web","vip":"192.0.2.10:80/sctp"}]}
right {"version":1,"services":[{"name":"web","vip":"[2001:db8::10]:0/udp"}]}
wrong {"version":1,"services":[{"name":"web","vip":"2001:db8::10:80/udp"}]}
right {"version":1,"services":[{SERVICE,"scheduler":"maglev","forward":"gue","persist":"source=5m/24","persist-through-drain":"on"}]}
wrong {"version":1,"services":[{SERVICE,"scheduler":"fastest"}]}
wrong {"version":1,"services":[{SERVICE,"forward":"tunnel"}]}
wrong {"version":1,"services":[{SERVICE,"persist":"client"}]}
wrong {"version":1,"services":[{SERVICE,"persist-through-drain":"yes"}]}
right {"version":1,"services":[{SERVICE,"check":"http:/healthz,interval=2s","feedback":"observe","spill":"none","source":"10.0.0.0/24"}]}
wrong {"version":1,"services":[{SERVICE,"feedback":"maybe"}]}
right {"version":1,"services":[{SERVICE,"load-factor":"off"}]}
wrong {"version":1,"services":[{SERVICE,"load-factor":1}]}
wrong {"version":1,"services":[{SERVICE,"load-factor":101}]}
wrong {"version":1,"services":[{SERVICE,"spill":"No Name"}]}
right {"version":1,"services":[{SERVICE,"timeout-new":"10s","timeout-established":"1.5h","timeout-closing":"1500ms"}]}
wrong {"version":1,"services":[{SERVICE,"timeout-new":"10"}]}
wrong {"version":1,"services":[{SERVICE,"timeout-new":"1h30m"}]}
wrong {"version":1,"services":[{SERVICE,"wieght":5}]}
right {"version":1,"services":[{SERVICE,"backends":[]}]}
right {"version":1,"services":[{SERVICE,"backends":[{"address":"10.0.0.11"},{"address":"10.0.0.12:8080","weight":65535,"max-flows":9,"state":"maint"}]}]}
right {"version":1,"services":[{SERVICE,"backends":[{"address":"10.0.0.11","runtime":{"state":"maint","reset":"on","weight":2.5}}]}]}
wrong {"version":1,"services":[{SERVICE,"backends":[{"weight":1}]}]}
wrong {"version":1,"services":[{SERVICE,"backends":[{"address":"10.0.0.11","weight":65536}]}]}
wrong {"version":1,"services":[{SERVICE,"backends":[{"address":"10.0.0.11","weight":-1}]}]}
wrong {"version":1,"services":[{SERVICE,"backends":[{"address":"10.0.0.11","weight":1.5}]}]}
wrong {"version":1,"services":[{SERVICE,"backends":[{"address":"10.0.0.11","state":"gone"}]}]}
wrong {"version":1,"services":[{SERVICE,"backends":[{"address":"backend.example"}]}]}
wrong {"version":1,"services":[{SERVICE,"backends":[{"address":"10.0.0.11","runtime":{"reset":"yes"}}]}]}
wrong {"version":1,"services":[{SERVICE,"backends":[{"address":"10.0.0.11","runtime":{"weight":65536}}]}]}
wrong {"version":1,"services":[{SERVICE,"backends":[{"address":"10.0.0.11","runtime":{"max-flows":1}}]}]}
END
number=0
while IFS= read -r error; do
	is "$([[ -z $error ]] && echo right || echo wrong)" "${verdicts[number]}" "schema: ${verdicts[number]}: ${texts[number]}"
	number=$((number + 1))
done < <("$ROOT/tests/lib/shell/schema.py" "$SCHEMA" <"$WORK/list")

awk '/^ *```/ { inside = 0 } inside; /^version:/ && fenced { inside = 1; print } { fenced = /^ *```yaml/ }' "$ROOT/docs/configuration.md" >"$WORK/page.yaml"
ok "the file in docs/configuration.md is valid" "$LBCTL" validate -f "$WORK/page.yaml"
sed -n '/^\.SH EXAMPLES/,/^\.fi/p' "$ROOT/docs/man/lbctl.yaml.5" | grep -v '^\.' >"$WORK/manual.yaml"
ok "the file in lbctl.yaml(5) is valid" "$LBCTL" validate -f "$WORK/manual.yaml"
finish
