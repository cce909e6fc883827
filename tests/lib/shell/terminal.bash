# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A terminal for commands that draw on one: tmux, with a server of its own.
#
# Each command gets a new terminal, and says at its end what became of it: its exit
# status, and whether the terminal is as it was. Needs tests/lib/shell/e2e.bash.
# shellcheck disable=SC2034 # the tests use what is set here

TERMINAL= # the tmux server's process
terminal_number=0

terminal_up() {
	start tmux -u -S "$WORK/tmux" -f /dev/null -D
	TERMINAL=$STARTED
	await 10 test -S "$WORK/tmux"
}

tmux_do() { # COMMAND OF tmux...
	tmux -u -S "$WORK/tmux" "$@"
}

# terminal COLUMNS LINES [VARIABLE=VALUE...] -- ARGUMENTS OF lbctl...: in the balancer.
# With the terminal's state before and after, and the exit status, in $WORK/terminal.*.
terminal() {
	local size=(-x "$1" -y "$2") environment=()
	shift 2
	while [[ $1 != -- ]]; do
		environment+=("$1")
		shift
	done
	shift
	terminal_number=$((terminal_number + 1))
	rm -f "$WORK"/terminal.*
	cat >"$WORK/terminal-script" <<-END
		stty -g >'$WORK/terminal.before'
		env ${environment[*]@Q} sh -c 'echo \$\$ >"\$0"; exec nsenter --net=/run/netns/lb-$NAME-balancer -- "\$@"' \
			'$WORK/terminal.pid' '$LBCTL' --instance '$NAME' ${*@Q}
		echo \$? >'$WORK/terminal.status'
		stty -g >'$WORK/terminal.after'
		exec sleep 1000
	END
	tmux_do new-session -d -s "t$terminal_number" "${size[@]}" "sh '$WORK/terminal-script'"
}

screen() {
	tmux_do capture-pane -p -t "t$terminal_number"
}

# The same with its colours, as a terminal is told them.
colored_screen() {
	tmux_do capture-pane -pe -t "t$terminal_number"
}

press() { # KEY...: as tmux names them
	tmux_do send-keys -t "t$terminal_number" "$@"
}

resize() { # COLUMNS LINES
	tmux_do resize-window -t "t$terminal_number" -x "$1" -y "$2"
}

# Is it on the screen? Patterns are regular expressions of grep -E.
on_screen() { # PATTERN
	screen | grep -qE -e "$1"
}

not_on_screen() { # PATTERN
	! on_screen "$1"
}

# shows PATTERN TEXT: it is on the screen, soon.
shows() {
	if await 20 on_screen "$1"; then
		pass "$2"
	else
		fail "$2" "wanted on the screen, as regex: $1" "$(screen)"
	fi
}

# ends STATUS TEXT: the command has ended so, and given the terminal back.
ends() {
	await 20 test -s "$WORK/terminal.after" || true
	is "$(cat "$WORK/terminal.status" 2>&1)" "$1" "$2"
	is "$(cat "$WORK/terminal.after" 2>&1)" "$(<"$WORK/terminal.before")" "$2: the terminal's settings are as before"
	is "$(tmux_do display -p -t "t$terminal_number" '#{cursor_flag} #{alternate_on}')" "1 0" \
		"$2: the cursor and what was on the screen are back"
}
