# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Terminals for interactive commands: tmux, with a server of its own.
#
# Each command gets a new terminal. At its end the exit status and the terminal's settings are
# recorded. Sourced after e2e.bash.
# shellcheck disable=SC2034 # the tests use what is set here

TERMINAL= # the tmux server's process
terminal_number=0

terminal_up() {
	start tmux -u -S "$WORK/tmux" -f /dev/null -D
	TERMINAL=$STARTED
	must await 10 test -S "$WORK/tmux"
}

tmux_do() { # COMMAND OF tmux...
	tmux -u -S "$WORK/tmux" "$@"
}

# terminal COLUMNS LINES [VARIABLE=VALUE...] -- ARGUMENTS OF lbctl...: runs it in the balancer.
# The terminal's settings before and after, and the exit status, are in $WORK/terminal.*.
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

# The screen with the escape sequences of its colours.
colored_screen() {
	tmux_do capture-pane -pe -t "t$terminal_number"
}

press() { # KEY...: names of tmux
	tmux_do send-keys -t "t$terminal_number" "$@"
}

resize() { # COLUMNS LINES
	tmux_do resize-window -t "t$terminal_number" -x "$1" -y "$2"
}

on_screen() { # PATTERN: a regular expression of grep -E
	screen | grep -qE -e "$1"
}

not_on_screen() { # PATTERN
	! on_screen "$1"
}

# shows PATTERN TEXT: the pattern appears on the screen.
shows() {
	if await 20 on_screen "$1"; then
		pass "$2"
	else
		fail "$2" "wanted on the screen, as regex: $1" "$(screen)"
	fi
}

# ends STATUS TEXT: the command ends with this exit status, and has restored the terminal.
ends() {
	await 20 test -s "$WORK/terminal.after" || true
	is "$(cat "$WORK/terminal.status" 2>&1)" "$1" "$2"
	is "$(cat "$WORK/terminal.after" 2>&1)" "$(<"$WORK/terminal.before")" "$2: the terminal settings are restored"
	is "$(tmux_do display -p -t "t$terminal_number" '#{cursor_flag} #{alternate_on}')" "1 0" \
		"$2: the cursor and the main screen are restored"
}
