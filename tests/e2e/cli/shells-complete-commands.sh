#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lbctl completes commands, flags, their values, and the names of what there is; bash, zsh and
# fish do so by its lines, at a key's press on a terminal.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/terminal.bash
source "$ROOT/tests/lib/shell/terminal.bash"

lab_up --backends 2
must lbctl attach front back
service 4 tcp 80 "1 1"
service 6 tcp 80 "1 1"

# words WORD...: what the last of them can be, in one line.
words() {
	lbctl completion words -- --instance "$NAME" "$@" | paste -sd' '
}
like " $(words "") " " service backend .* status " "objects and verbs come first"
is "$(words backend "")" "add weight drain ready maint del list show" "an object's verbs"
is "$(words backend weight web)" "web-4-tcp web-6-tcp" "services by name"
is "$(words backend weight web-4-tcp "")" "10.0.0.11:80 10.0.0.12:80" "a service's backends"
is "$(words backend weight web-6-tcp "[2001:db8:3::12")" "[2001:db8:3::12]:80" "begun ones, of IPv6"
is "$(words flow list --service web-4-tcp --backend "")" "10.0.0.11:80 10.0.0.12:80" "those of a flag's service"
is "$(words attach b)" "back" "interfaces"
is "$(words service set web-4-tcp --sched)" "--scheduler" "flags of the verb"
is "$(words service set web-4-tcp --scheduler r)" "rr random" "and their values"
is "$(words service set web-4-tcp --scheduler=r)" "--scheduler=rr --scheduler=random" "in one word, too"
is "$(lbctl completion words -- "--instance=$NAME" backend list web-6)" "web-6-tcp" "values in one word count"
is "$(words flow list --state new,e)" "new,established" "values of which there may be several"
is "$(words trace --outcome=forwarded,no_b)" "--outcome=forwarded,no_backend" "and more of them"
is "$(words status --j)" "--json" "flags that all have"
is "$(words help backend w)" "weight" "commands to be helped with"
is "$(words nosuch "")" "$(words "")" "what is no command is passed over"
refused 3 "expected bash, zsh or fish" "another shell has none" lbctl completion csh

# What each of them reads when it starts: as it is installed, but bash, which is told so by hand.
mkdir -p "$WORK/zsh" "$WORK/fish/completions"
{
	lbctl completion bash
	echo "PS1='> '"
} >"$WORK/bash"
lbctl completion zsh >"$WORK/zsh/_lbctl"
cat >"$WORK/zsh/.zshrc" <<END
fpath=('$WORK/zsh' \$fpath)
autoload -Uz compinit
compinit -u -D
PS1='> '
END
lbctl completion fish >"$WORK/fish/completions/lbctl.fish"
cat >"$WORK/fish/config.fish" <<'END'
set fish_greeting
function fish_prompt
	echo '> '
end
END
touch "$WORK/a-file"

# Opens a terminal with a shell in it, in the balancer.
shell() { # COMMAND...
	terminal_number=$((terminal_number + 1))
	tmux_do new-session -d -s "t$terminal_number" -x 190 -y 20 \
		env HOME="$WORK" ZDOTDIR="$WORK/zsh" XDG_CONFIG_HOME="$WORK" XDG_DATA_HOME="$WORK" PATH="$ROOT/build:$PATH" \
		nsenter --net="/run/netns/lb-$NAME-balancer" -- "$@"
	await 20 on_screen '^>'
}

# completes TYPED WANTED: of what is typed behind the instance a key makes this, and stands behind
# it: an X is typed then. Shells may quote brackets and colons.
completes() {
	local wanted
	wanted=$(sed 's/[].[]/\\\\?\\&/g; s/:/\\\\?:/g' <<<"$2")
	press -l "lbctl --instance $NAME $1"
	press Tab
	press -l X
	if await 20 on_screen "$NAME ${wanted}X *$"; then
		pass "$shell: $1"
	else
		fail "$shell: $1" "wanted on the screen, as regex: ${wanted}X" "$(screen)"
	fi
	press C-u C-l
	await 20 on_screen '^> *$'
}

terminal_up
for shell in bash zsh fish; do
	quote=
	case $shell in
	bash) shell bash --noprofile --rcfile "$WORK/bash" ;;
	zsh)
		quote="\\" # before what it takes for a pattern
		shell zsh
		;;
	fish) shell fish ;;
	esac
	completes "servi" "service "
	completes "backend we" "backend weight "
	completes "backend weight web-4" "backend weight web-4-tcp "
	completes "backend weight web-4-tcp 10.0.0.12" "backend weight web-4-tcp 10.0.0.12:80 "
	completes "backend weight web-4-tcp 10.0.0.12:" "backend weight web-4-tcp 10.0.0.12:80 "
	completes "backend weight web-6-tcp ${quote}[2001:db8:3::12" "backend weight web-6-tcp [2001:db8:3::12]:80 "
	completes "attach ba" "attach back "
	completes "service set web-4-tcp --sched" "service set web-4-tcp --scheduler "
	completes "service set web-4-tcp --scheduler ra" "service set web-4-tcp --scheduler random "
	completes "service set web-4-tcp --scheduler=ra" "service set web-4-tcp --scheduler=random "
	completes "flow list --state=new,cl" "flow list --state=new,cl"
	completes "apply -f $WORK/a-f" "apply -f $WORK/a-file "
done
finish
