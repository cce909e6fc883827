#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Completion offers commands, flags, values, and the names of existing objects. bash, zsh and fish
# complete with it when Tab is pressed on a terminal.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"
# shellcheck source=tests/lib/shell/terminal.bash
source "$ROOT/tests/lib/shell/terminal.bash"

balancer_up --backends 2
service 4 tcp 80 "1 1"
service 6 tcp 80 "1 1"

# words WORD...: the completions of the last word, in one line.
words() {
	lbctl completion words -- --instance "$NAME" "$@" | paste -sd' '
}
like " $(words "") " " service backend .* status " "objects and commands are offered first"
is "$(words backend "")" "add weight drain ready maint del list show" "commands of an object"
is "$(words backend weight web)" "web-4-tcp web-6-tcp" "names of services"
is "$(words backend weight web-4-tcp "")" "10.0.0.11:80 10.0.0.12:80" "backends of a service"
is "$(words backend weight web-6-tcp "[2001:db8:3::12")" "[2001:db8:3::12]:80" "an IPv6 backend from its first characters"
is "$(words flow list --service web-4-tcp --backend "")" "10.0.0.11:80 10.0.0.12:80" "backends of the service in a flag"
is "$(words attach b)" "back" "interfaces"
is "$(words service set web-4-tcp --sched)" "--scheduler" "flags of the command"
is "$(words service set web-4-tcp --scheduler r)" "rr random" "values of a flag"
is "$(words service set web-4-tcp --scheduler=r)" "--scheduler=rr --scheduler=random" "values of a flag in one word"
is "$(lbctl completion words -- "--instance=$NAME" backend list web-6)" "web-6-tcp" "the value of --instance in one word is used"
is "$(words flow list --state new,e)" "new,established" "the second value of a list"
is "$(words trace --outcome=forwarded,no_b)" "--outcome=forwarded,no_backend" "the second value of a list in one word"
is "$(words status --j)" "--json" "global flags"
is "$(words help backend w)" "weight" "commands as arguments of help"
is "$(words nosuch "")" "$(words "")" "an unknown command is ignored"
refused 3 "expected bash, zsh or fish" "an unknown shell is refused" lbctl completion csh

# Start-up files. zsh and fish find the completion where a package installs it; bash reads it here.
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

# Starts a shell in a terminal, in the balancer's namespace.
shell() { # COMMAND...
	terminal_number=$((terminal_number + 1))
	tmux_do new-session -d -s "t$terminal_number" -x 190 -y 20 \
		env HOME="$WORK" ZDOTDIR="$WORK/zsh" XDG_CONFIG_HOME="$WORK" XDG_DATA_HOME="$WORK" PATH="$ROOT/build:$PATH" \
		nsenter --net="/run/netns/lb-$NAME-balancer" -- "$@"
	must await 20 on_screen '^>'
}

# completes TYPED WANTED: Tab completes TYPED to WANTED, with the cursor behind it: the X that is
# typed next follows. Shells may quote brackets and colons.
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
	must await 20 on_screen '^> *$'
}

terminal_up
for shell in bash zsh fish; do
	quote=
	case $shell in
	bash) shell bash --noprofile --rcfile "$WORK/bash" ;;
	zsh)
		quote="\\" # zsh takes an unquoted bracket for a pattern
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
