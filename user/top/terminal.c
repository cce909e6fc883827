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

/* How long what follows an escape may take, to be taken for one key with it. */
#define ESCAPE_MS 50

enum pair {
	PAIR_WARNING = 1,
	PAIR_BAD,
};

/* Those that end the waiting; and those after which there is nothing but to die. */
static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define END_COUNT   (sizeof(ends) / sizeof(ends[0]))
#define CRASH_COUNT (sizeof(crashes) / sizeof(crashes[0]))

static struct {
	SCREEN *terminal;
	bool has_color;
	int line; /* that comes next */
	sigset_t blocked_before;
	struct sigaction before[END_COUNT];
} screen;

static volatile sig_atomic_t ended;

static void end(int signal_number)
{
	(void)signal_number;
	ended = 1;
}

/* The terminal is given back as well as can be; then it kills us after all. */
static void crash(int signal_number)
{
	endwin();
	raise(signal_number);
}

/* Ends come while we wait for keys, and at no other time. */
static void catch_signals(void)
{
	const struct sigaction action = {.sa_handler = end};
	const struct sigaction last = {.sa_handler = crash, .sa_flags = SA_RESETHAND | SA_NODEFER};
	sigset_t blocked;

	ended = 0;
	for (size_t i = 0; i < CRASH_COUNT; i++)
		sigaction(crashes[i], &last, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	for (size_t i = 0; i < END_COUNT; i++) {
		sigaddset(&blocked, ends[i]);
		sigaction(ends[i], &action, &screen.before[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, &screen.blocked_before);
}

static void release_signals(void)
{
	for (size_t i = 0; i < CRASH_COUNT; i++)
		signal(crashes[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, &screen.blocked_before, NULL);
	for (size_t i = 0; i < END_COUNT; i++)
		sigaction(ends[i], &screen.before[i], NULL);
}

static void begin_colors(void)
{
	if (!has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	init_pair(PAIR_WARNING, COLOR_YELLOW, -1);
	init_pair(PAIR_BAD, COLOR_RED, -1);
	screen.has_color = true;
}

int screen_open(bool color)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return -ENOTTY;
	catch_signals();
	screen.terminal = newterm(NULL, stdout, stdin);
	if (!screen.terminal) {
		release_signals();
		return -ENOENT;
	}
	screen.has_color = false;
	if (color)
		begin_colors();
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	curs_set(0);
	return 0;
}

void screen_close(void)
{
	endwin();
	delscreen(screen.terminal);
	release_signals();
}

void screen_size(size_t *columns, size_t *lines)
{
	*columns = (size_t)getmaxx(stdscr);
	*lines = (size_t)getmaxy(stdscr);
}

void screen_begin(void)
{
	erase();
	screen.line = 0;
}

static attr_t looks(enum strip_style style)
{
	switch (style) {
	case STRIP_TITLE:
		return A_BOLD;
	case STRIP_HEAD:
		return A_REVERSE;
	case STRIP_WARNING:
		return screen.has_color ? COLOR_PAIR(PAIR_WARNING) : A_BOLD;
	case STRIP_BAD:
		return screen.has_color ? COLOR_PAIR(PAIR_BAD) | A_BOLD : A_BOLD;
	case STRIP_FAINT:
		return A_DIM;
	default:
		return A_NORMAL;
	}
}

void screen_put(void *unused, const struct strip *strip)
{
	(void)unused;
	move(screen.line++, 0);
	for (size_t i = 0; i < strip->part_count; i++) {
		size_t begin = strip->parts[i].begin;

		attrset(looks(strip->parts[i].style) | (strip->is_chosen ? A_REVERSE : 0));
		addnstr(strip->text + begin, (int)(strip_end(strip, i) - begin));
	}
	attrset(A_NORMAL);
}

void screen_show(void)
{
	refresh();
}

static int key_of(int code)
{
	switch (code) {
	case KEY_UP:
		return BROWSE_UP;
	case KEY_DOWN:
		return BROWSE_DOWN;
	case KEY_PPAGE:
		return BROWSE_PAGE_UP;
	case KEY_NPAGE:
		return BROWSE_PAGE_DOWN;
	case KEY_HOME:
		return BROWSE_HOME;
	case KEY_END:
		return BROWSE_END;
	case KEY_LEFT:
		return BROWSE_LEFT;
	case KEY_RIGHT:
		return BROWSE_RIGHT;
	case KEY_ENTER:
	case '\r':
		return BROWSE_ENTER;
	case KEY_RESIZE:
		return SCREEN_RESIZED;
	case ERR:
		return SCREEN_NOTHING;
	default:
		return code > 255 ? BROWSE_OTHER : code;
	}
}

int screen_wait(double seconds)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	const time_t whole = (time_t)seconds;
	const struct timespec time = {
		.tv_sec = whole,
		.tv_nsec = (long)((seconds - whole) * 1e9),
	};
	int key = key_of(getch());
	int ready;

	if (key != SCREEN_NOTHING)
		return key;
	ready = ppoll(&input, 1, &time, &screen.blocked_before);
	if (ended)
		return SCREEN_END;
	key = key_of(getch());
	/* Ready, and nothing to be had of it. */
	if (key == SCREEN_NOTHING && ready > 0 && !(input.revents & POLLIN))
		return SCREEN_END;
	return key;
}
