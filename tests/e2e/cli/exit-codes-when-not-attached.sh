#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# One table of all commands without an attached instance, and of those that attach, detach or apply:
# exit code, and changed, unchanged or the error id. Each command runs with --dry-run first, which
# has the same result and changes nothing.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/commands.bash
source "$ROOT/tests/lib/shell/commands.bash"

lab_up --backends 2
write_table_files
note "without an instance"
check_outcomes <<'END'
2 unknown-command       | frobnicate
2 unknown-command       | service frobnicate
2 no-command            | service
2 unknown-flag          | status --bogus
2 bad-flag              | status --strict=yes
2 wrong-arguments       | attach
2 missing-flag          | apply
2 missing-flag          | diff
2 missing-flag          | validate
8 not-attached          | upgrade
8 not-attached          | service add web 192.0.2.10:80/tcp
8 not-attached          | service set web --scheduler rr
8 not-attached          | service del web
8 not-attached          | service list
8 not-attached          | service show web
8 not-attached          | backend add web 10.0.0.11
8 not-attached          | backend weight web 10.0.0.11 7
8 not-attached          | backend drain web 10.0.0.11
8 not-attached          | backend ready web 10.0.0.11
8 not-attached          | backend maint web 10.0.0.11
8 not-attached          | backend del web 10.0.0.11
8 not-attached          | backend list web
8 not-attached          | backend show web 10.0.0.11
8 not-attached          | flow list
8 not-attached          | flow count
8 not-attached          | flow flush
8 not-attached          | run
8 not-attached          | check
8 not-attached          | confirm
8 not-attached          | diff -f FILES/right.yaml
8 not-attached          | save
8 not-attached          | explain --src 198.51.100.2:1 --dst 192.0.2.10:80/tcp
8 not-attached          | trace
8 not-attached          | status
8 not-attached          | stats
2 no-json               | top
8 not-attached          | events
8 not-attached          | wait web --for drained
8 not-attached          | metrics
8 not-attached          | detach
8 not-attached          | detach --force
1 -                     | doctor
4 no-interface          | doctor nosuch
0 -                     | validate -f FILES/right.yaml
3 invalid-configuration | validate -f FILES/misspelt.yaml
3 unreadable-file       | validate -f FILES/nosuch.yaml
0 -                     | version
0 -                     | help
2 unknown-command       | help nosuch
0 -                     | import ipvsadm -f FILES/saved
1 -                     | import ipvsadm --strict -f FILES/marked
3 invalid-format        | import haproxy -f FILES/saved
3 unreadable-file       | import ipvsadm -f FILES/nosuch
2 missing-flag          | import keepalived
0 -                     | schema
2 unknown-command       | schema nosuch
0 -                     | completion bash
3 invalid-shell         | completion csh
1 -                     | check probe tcp 10.0.0.11:81
0 -                     | check probe tcp,interval=20s,timeout=20s 10.0.0.11:80
3 invalid-check         | check probe icmp 10.0.0.11
3 invalid-target        | check probe tcp 10.0.0.11
3 invalid-configuration | apply -f /dev/null
3 invalid-configuration | apply -f FILES/misspelt.yaml
3 invalid-configuration | apply -f FILES/twice.yaml
4 service-not-found     | apply -f FILES/lost.yaml
5 services-full         | apply -f FILES/small.yaml
4 no-interface          | attach nosuch
3 invalid-limit         | attach front --max-services 0
3 invalid-mode          | attach front --mode fast
3 invalid-key           | attach front --hash-key /dev/null
5 generation-mismatch    | attach front --if-generation 7
0 changed               | attach front --if-generation 0
0 unchanged             | attach front
0 changed               | attach front back
5 other-mode            | attach front --mode generic
5 limits-differ         | attach front --max-services 7
5 generation-mismatch    | detach back --if-generation 7
0 changed               | detach back
4 not-attached-there    | detach back
4 not-attached-there    | detach nosuch
0 changed               | detach
0 changed               | apply -f FILES/right.yaml
0 unchanged             | apply -f FILES/right.yaml
5 limits-differ         | apply -f FILES/small.yaml
4 service-not-found     | apply -f FILES/lost.yaml
5 generation-mismatch    | apply -f FILES/other.yaml --if-generation 7
0 changed               | apply -f FILES/other.yaml --confirm-within 10m
5 confirmation-awaited  | apply -f FILES/right.yaml
5 generation-mismatch    | confirm --if-generation 0
0 changed               | confirm
4 nothing-to-confirm    | confirm
0 changed               | apply -f FILES/right.yaml --prune
END

note "the error without an instance"
must lbctl detach
outcome status >/dev/null
is "$(jq -r .error.hint "$WORK/err")" "lbctl --instance $NAME attach IFACE" "its hint is the command attach"
not_ok "detach leaves no pin" test -e "$PINS"
must lbctl attach front

note "with damaged pins"
rm "$PINS/health"
check_outcomes <<END
9 damaged-pins          | service del web
9 damaged-pins          | detach
9 damaged-pins          | detach --force --if-generation 0
0 changed               | detach --force
8 not-attached          | detach
END

note "on a backend"
part=b1
check_outcomes <<END
4 no-interface          | decap nosuch
2 missing-arguments     | decap
2 bad-flag              | decap eth0 --if-generation 0
3 invalid-address       | decap eth0 --address nowhere
0 changed               | decap eth0
0 unchanged             | decap eth0
0 changed               | decap --off
0 unchanged             | decap --off
END
part=balancer

all_covered "$all_commands" "every command is in the table"
finish
