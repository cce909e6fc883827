// SPDX-License-Identifier: GPL-2.0-only
#include "base/epoll_set.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* So many are told before others on the loop have their turn. */
#define BATCH 64

#define AT_FIRST 64

struct line {
	line_fn function; /* NULL: nobody watches */
	void *owner;
	__u32 turn; /* of this descriptor's number: what is told of an earlier one is stale */
	int wanted;
	int seen; /* told by the kernel since it was last asked */
};

struct lines {
	int epoll;
	struct loop_watch *watch;
	struct line *line; /* by descriptor */
	int count;
};

/* Told at once of what is possible already. */
static int ask(struct lines *lines, int fd, int operation)
{
	struct line *line = &lines->line[fd];
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLET,
		.data.u64 = (__u64)line->turn << 32 | (__u32)fd,
	};

	line->seen = 0;
	return epoll_ctl(lines->epoll, operation, fd, &event) ? -errno : 0;
}

/* What is still wanted after it was told has to be asked for again. */
static int ask_again(struct lines *lines, int fd)
{
	struct line *line = &lines->line[fd];

	return line->seen & line->wanted ? ask(lines, fd, EPOLL_CTL_MOD) : 0;
}

static int events_of(__u32 events)
{
	if (events & (EPOLLERR | EPOLLHUP))
		return LOOP_READ | LOOP_WRITE;
	return (events & EPOLLIN ? LOOP_READ : 0) | (events & EPOLLOUT ? LOOP_WRITE : 0);
}

static void tell(struct lines *lines, const struct epoll_event *event)
{
	int fd = (__u32)event->data.u64;
	struct line *line = &lines->line[fd];
	__u32 turn = line->turn;

	if (!line->function || turn != event->data.u64 >> 32)
		return;
	line->seen |= events_of(event->events);
	if (!(line->seen & line->wanted))
		return;
	line->function(line->owner, fd, line->seen & line->wanted);
	line = &lines->line[fd]; /* there may be more of them now */
	if (line->function && line->turn == turn)
		ask_again(lines, fd);
}

static void told(void *owner, int events)
{
	struct lines *lines = owner;
	struct epoll_event event[BATCH];
	int count = epoll_wait(lines->epoll, event, BATCH, 0);

	(void)events;
	for (int i = 0; i < count; i++)
		tell(lines, &event[i]);
}

int lines_create(struct loop *loop, struct lines **lines)
{
	struct lines *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->epoll = epoll_create1(EPOLL_CLOEXEC);
	error = made->epoll < 0 ? -errno : 0;
	if (!error)
		error = loop_watch_create(loop, made->epoll, told, made, &made->watch);
	if (error) {
		lines_free(made);
		return error;
	}
	loop_watch_for(made->watch, LOOP_READ);
	*lines = made;
	return 0;
}

void lines_free(struct lines *lines)
{
	if (!lines)
		return;
	loop_watch_free(lines->watch);
	if (lines->epoll >= 0)
		close(lines->epoll);
	free(lines->line);
	free(lines);
}

static int make_room(struct lines *lines, int fd)
{
	int count = lines->count ? lines->count : AT_FIRST;
	struct line *line;

	if (fd < lines->count)
		return 0;
	while (count <= fd)
		count *= 2;
	line = realloc(lines->line, count * sizeof(*line));
	if (!line)
		return -ENOMEM;
	for (int i = lines->count; i < count; i++)
		line[i] = (struct line){0};
	lines->line = line;
	lines->count = count;
	return 0;
}

int lines_watch(struct lines *lines, int fd, int events, line_fn function, void *owner)
{
	int error = make_room(lines, fd);
	struct line *line;
	bool is_new;

	if (error)
		return error;
	line = &lines->line[fd];
	is_new = !line->function;
	line->function = function;
	line->owner = owner;
	line->wanted = events;
	if (!is_new)
		return ask_again(lines, fd);
	line->turn++;
	error = ask(lines, fd, EPOLL_CTL_ADD);
	if (error == -EEXIST) /* it was forgotten, but not closed */
		error = ask(lines, fd, EPOLL_CTL_MOD);
	if (error)
		line->function = NULL;
	return error;
}

void lines_forget(struct lines *lines, int fd)
{
	if (fd < lines->count)
		lines->line[fd].function = NULL;
}
