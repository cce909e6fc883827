#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The recipes for cron and CI in docs/operations.md do what the page claims, exactly as printed:
# each is extracted by the name in the comment above it, and run with the lab's lbctl, curl, ssh
# and sleep.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/controller.bash
source "$(dirname "$0")/../../lib/shell/controller.bash"

RECIPES=$ROOT/docs/operations.md

# write_stub NAME LINE: a command of this name, for recipes.
write_stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"$WORK/bin/$1"
	chmod 0755 "$WORK/bin/$1"
}

recipe() { # NAME
	awk -v name="<!-- recipe: $1 -->" '$0 == name { wanted = 1; next } wanted && /^```/ { inside++; next }
		inside == 2 { exit } inside { print }' "$RECIPES"
}

# run NAME [SED]: as a script, changed as told; its status.
run() {
	local status=0
	recipe "$1" | sed -E "${2-}" >"$WORK/recipe"
	[[ -s $WORK/recipe ]] || return 99
	(cd "$WORK/repository" && PATH=$WORK/bin:$PATH sh "$WORK/recipe") >"$WORK/out" 2>&1 || status=$?
	note "$1:" "$(<"$WORK/out")"
	return "$status"
}

# As cron runs it: of a table's only line what is behind the times and the user.
run_cron() { # NAME
	(PATH=$WORK/bin:$PATH sh -c "$(recipe "$1" | grep '^\*' | sed -E "s/^(\S+ ){6}//; s|/run/|$WORK/|g; s|/var/lib/\S*/|$WORK/|")")
}

weights() {
	lbctl -j backend list web | jq -c '[.[].effective_weight]'
}

lab_up --backends 2
mkdir "$WORK/bin" "$WORK/repository"
write_stub lbctl "exec nsenter --net=/run/netns/lb-$NAME-balancer -- $LBCTL --instance $NAME \"\$@\""
write_stub curl "exec nsenter --net=/run/netns/lb-$NAME-client -- /usr/bin/curl \"\$@\""
write_stub ssh "echo \"\$@\" >>$WORK/ssh"
write_stub sleep "echo \"\$@\" >>$WORK/sleep; test ! -e $WORK/down || $WORK/bin/lbctl check >/dev/null"
is "$(grep -c '^<!-- recipe:' "$RECIPES")" 6 "there are as many recipes as are tried here"

must lbctl attach front back
must lbctl service add web "$VIP4:80/tcp" --check http:/healthz,interval=1s,fast=200ms,fall=1
must lbctl backend add web 10.0.0.11
must lbctl backend add web 10.0.0.12
is "$(run_cron cron-check 2>&1)" "" "cron has nothing to mail while all are up"
backend_kill 2
like "$(run_cron cron-check 2>&1)" "10.0.0.12:80 +down" "and mails who is down"
backend_revive 2
must lbctl service set web --check http:/healthz,interval=1s,fast=200ms,rise=1
must lbctl check
run_cron cron-metrics
ok "metrics are a file for a collector" promtool check metrics <"$WORK/lbctl.prom"

must lbctl service set web --scheduler wrr
must lbctl save -o "$WORK/repository/lb.yaml"
before=$(configuration)
ok "a file that changes nothing is not applied" run ci-apply
is "$(configuration)" "$before" "and nothing is changed"
sed -i 's/^  vip: .*/&\n  scheduler: lc/' "$WORK/repository/lb.yaml"
ok "a file that is good is applied and confirmed" run ci-apply
is "$(value '.services[0].scheduler' status)" lc "and stays"
like "$(lbctl confirm 2>&1 || true)" "no apply is waiting" "as nothing is to be confirmed any more"
before=$(configuration)
sed -i 's/10\.0\.0\.1\([12]\)/10.0.0.9\1/' "$WORK/repository/lb.yaml"
not_ok "a file that cuts the service off fails" run ci-apply 's/60s/4s/; s/--retry 3 --retry-all-errors//'
is_as_before() {
	[[ $(configuration) == "$before" ]]
}
ok "and is put back by itself" await 30 is_as_before
echo "services: {" >"$WORK/repository/lb.yaml"
not_ok "a file that is wrong changes nothing" run ci-apply
is "$(configuration)" "$before" "indeed"

must lbctl service set web --scheduler wrr
ok "from blue to green" run blue-green
is "$(weights) $(wc -l <"$WORK/sleep")" "[0,100] 3" "in three steps"
is "$(fetch 10 "$(url "$VIP4")")" "b2=10" "all to green"
must lbctl backend weight web 10.0.0.11 100%
touch "$WORK/down"
backend_kill 2
not_ok "a green that fails is found" run blue-green
rm "$WORK/down"
backend_revive 2
must lbctl check
is "$(lbctl -j backend list web | jq -c '[.[] | .override // .weight]')" "[1,0]" "and blue has everything again"
must lbctl backend weight web 10.0.0.12 100%

controller_start
load "$VIP4" 80
load_wait 20
ok "a deployment" run drain-deploy
load_wait 20
load_end
no_failures "that nobody notices"
is "$(paste -sd' ' "$WORK/ssh")" "10.0.0.11 systemctl restart app 10.0.0.12 systemctl restart app" "of both backends"
is "$(value '[.services[0].backends[] | .state, .health] | join(" ")' status)" "ready up ready up" "which are back"
controller_stop

# Two at a time, so that one of them has to look again.
before=$(value '.override // .weight' backend show web 10.0.0.11)
recipe compare-and-set >"$WORK/step"
compare_and_set() { # COUNT
	local i
	for ((i = 0; i < $1; i++)); do
		PATH=$WORK/bin:$PATH sh "$WORK/step" || echo "failed: $?"
	done >>"$WORK/steps" 2>&1
}
(
	trap - EXIT
	compare_and_set 6
) &
background+=("$!")
one=$!
compare_and_set 6
wait "$one"
forget_process "$one"
not_ok "compare and set: nobody gives up" grep failed "$WORK/steps"
is "$(value '.override // .weight' backend show web 10.0.0.11)" $((before + 12)) "and no step is lost"
finish
