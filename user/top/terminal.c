// SPDX-License-Identifier: GPL-2.0-only
#include "top/terminal.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "top/keys.h"

/* Bytes within this time after an escape belong to the same key. */
#define ESCAPE_MS 50

enum pair {
	PAIR_WARNING = 1,
	PAIR_ERROR,
};

/* Signals that end `top`, and those of a crash. */
static const int end_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define END_COUNT   (sizeof(end_signals) / sizeof(end_signals[0]))
#define CRASH_COUNT (sizeof(crash_signals) / sizeof(crash_signals[0]))

static struct {
	SCREEN *curses_screen;
	bool has_color;
	int next_line;
	sigset_t saved_mask;
	struct sigaction saved_actions[END_COUNT];
} terminal;

static volatile sig_atomic_t has_ended;

static void handle_end(int signal_number)
{
	(void)signal_number;
	has_ended = 1;
}

/* Restores the terminal, then lets the signal kill the process. */
static void handle_crash(int signal_number)
{
	endwin();
	raise(signal_number);
}

/* End signals are blocked except while terminal_wait() waits. */
static void catch_signals(void)
{
	const struct sigaction action = {.sa_handler = handle_end};
	const struct sigaction crash_action = {.sa_handler = handle_crash,
					       .sa_flags = SA_RESETHAND | SA_NODEFER};
	sigset_t blocked;

	has_ended = 0;
	for (size_t i = 0; i < CRASH_COUNT; i++)
		sigaction(crash_signals[i], &crash_action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	for (size_t i = 0; i < END_COUNT; i++) {
		sigaddset(&blocked, end_signals[i]);
		sigaction(end_signals[i], &action, &terminal.saved_actions[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, &terminal.saved_mask);
}

static void restore_signals(void)
{
	for (size_t i = 0; i < CRASH_COUNT; i++)
		signal(crash_signals[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, &terminal.saved_mask, NULL);
	for (size_t i = 0; i < END_COUNT; i++)
		sigaction(end_signals[i], &terminal.saved_actions[i], NULL);
}

static void init_colors(void)
{
	if (!has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	init_pair(PAIR_WARNING, COLOR_YELLOW, -1);
	init_pair(PAIR_ERROR, COLOR_RED, -1);
	terminal.has_color = true;
}

int terminal_open(bool color)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return -ENOTTY;
	catch_signals();
	terminal.curses_screen = newterm(NULL, stdout, stdin);
	if (!terminal.curses_screen) {
		restore_signals();
		return -ENOENT;
	}
	terminal.has_color = false;
	if (color)
		init_colors();
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	curs_set(0);
	return 0;
}

void terminal_close(void)
{
	endwin();
	delscreen(terminal.curses_screen);
	restore_signals();
}

void terminal_size(size_t *columns, size_t *lines)
{
	*columns = (size_t)getmaxx(stdscr);
	*lines = (size_t)getmaxy(stdscr);
}

void terminal_clear(void)
{
	erase();
	terminal.next_line = 0;
}

static attr_t attributes(enum line_style style)
{
	switch (style) {
	case LINE_TITLE:
		return A_BOLD;
	case LINE_HEADER:
		return A_REVERSE;
	case LINE_WARNING:
		return terminal.has_color ? COLOR_PAIR(PAIR_WARNING) : A_BOLD;
	case LINE_ERROR:
		return terminal.has_color ? COLOR_PAIR(PAIR_ERROR) | A_BOLD : A_BOLD;
	case LINE_DIM:
		return A_DIM;
	default:
		return A_NORMAL;
	}
}

void terminal_put(void *unused, const struct line *line)
{
	(void)unused;
	move(terminal.next_line++, 0);
	for (size_t i = 0; i < line->part_count; i++) {
		size_t begin = line->parts[i].begin;

		attrset(attributes(line->parts[i].style) | (line->is_selected ? A_REVERSE : 0));
		addnstr(line->text + begin, (int)(line_part_end(line, i) - begin));
	}
	attrset(A_NORMAL);
}

void terminal_refresh(void)
{
	refresh();
}

static int translate_key(int code)
{
	switch (code) {
	case KEY_UP:
		return UI_KEY_UP;
	case KEY_DOWN:
		return UI_KEY_DOWN;
	case KEY_PPAGE:
		return UI_KEY_PAGE_UP;
	case KEY_NPAGE:
		return UI_KEY_PAGE_DOWN;
	case KEY_HOME:
		return UI_KEY_HOME;
	case KEY_END:
		return UI_KEY_END;
	case KEY_LEFT:
		return UI_KEY_LEFT;
	case KEY_RIGHT:
		return UI_KEY_RIGHT;
	case KEY_ENTER:
	case '\r':
		return UI_KEY_ENTER;
	case KEY_RESIZE:
		return TERMINAL_RESIZED;
	case ERR:
		return TERMINAL_TIMEOUT;
	default:
		return code > 255 ? UI_KEY_OTHER : code;
	}
}

int terminal_wait(double seconds)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	const time_t whole = (time_t)seconds;
	const struct timespec time = {
		.tv_sec = whole,
		.tv_nsec = (long)((seconds - whole) * 1e9),
	};
	int key = translate_key(getch());
	int ready;

	if (key != TERMINAL_TIMEOUT)
		return key;
	ready = ppoll(&input, 1, &time, &terminal.saved_mask);
	if (has_ended)
		return TERMINAL_END;
	key = translate_key(getch());
	/* The terminal is ready but has no input: it was closed. */
	if (key == TERMINAL_TIMEOUT && ready > 0 && !(input.revents & POLLIN))
		return TERMINAL_END;
	return key;
}
