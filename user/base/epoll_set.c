// SPDX-License-Identifier: GPL-2.0-only
#include "base/epoll_set.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Events per iteration of the loop, so that others are served as well. */
#define BATCH 64

#define INITIAL_COUNT 64

struct entry {
	epoll_set_fn function; /* NULL = not watched */
	void *owner;
	__u32 generation; /* of the descriptor's number; events of an earlier one are stale */
	int interest;
	int ready; /* reported by the kernel since it was last armed */
};

struct epoll_set {
	int epoll;
	struct loop_watch *watch;
	struct entry *entry; /* indexed by descriptor */
	int count;
};

/* The kernel reports at once what is ready already. */
static int arm(struct epoll_set *epoll_set, int fd, int operation)
{
	struct entry *entry = &epoll_set->entry[fd];
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLET,
		.data.u64 = (__u64)entry->generation << 32 | (__u32)fd,
	};

	entry->ready = 0;
	return epoll_ctl(epoll_set->epoll, operation, fd, &event) ? -errno : 0;
}

/* An event that is still of interest after it was reported has to be requested again. */
static int rearm(struct epoll_set *epoll_set, int fd)
{
	struct entry *entry = &epoll_set->entry[fd];

	return entry->ready & entry->interest ? arm(epoll_set, fd, EPOLL_CTL_MOD) : 0;
}

static int loop_events(__u32 events)
{
	if (events & (EPOLLERR | EPOLLHUP))
		return LOOP_READ | LOOP_WRITE;
	return (events & EPOLLIN ? LOOP_READ : 0) | (events & EPOLLOUT ? LOOP_WRITE : 0);
}

static void dispatch(struct epoll_set *epoll_set, const struct epoll_event *event)
{
	int fd = (__u32)event->data.u64;
	struct entry *entry = &epoll_set->entry[fd];
	__u32 generation = entry->generation;

	if (!entry->function || generation != event->data.u64 >> 32)
		return;
	entry->ready |= loop_events(event->events);
	if (!(entry->ready & entry->interest))
		return;
	entry->function(entry->owner, fd, entry->ready & entry->interest);
	entry = &epoll_set->entry[fd]; /* the array may have moved */
	if (entry->function && entry->generation == generation)
		rearm(epoll_set, fd);
}

static void events_ready(void *owner, int events)
{
	struct epoll_set *epoll_set = owner;
	struct epoll_event event[BATCH];
	int count = epoll_wait(epoll_set->epoll, event, BATCH, 0);

	(void)events;
	for (int i = 0; i < count; i++)
		dispatch(epoll_set, &event[i]);
}

int epoll_set_create(struct loop *loop, struct epoll_set **epoll_set)
{
	struct epoll_set *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->epoll = epoll_create1(EPOLL_CLOEXEC);
	error = made->epoll < 0 ? -errno : 0;
	if (!error)
		error = loop_watch_create(loop, made->epoll, events_ready, made, &made->watch);
	if (error) {
		epoll_set_free(made);
		return error;
	}
	loop_watch_set_events(made->watch, LOOP_READ);
	*epoll_set = made;
	return 0;
}

void epoll_set_free(struct epoll_set *epoll_set)
{
	if (!epoll_set)
		return;
	loop_watch_free(epoll_set->watch);
	if (epoll_set->epoll >= 0)
		close(epoll_set->epoll);
	free(epoll_set->entry);
	free(epoll_set);
}

static int grow(struct epoll_set *epoll_set, int fd)
{
	int count = epoll_set->count ? epoll_set->count : INITIAL_COUNT;
	struct entry *entry;

	if (fd < epoll_set->count)
		return 0;
	while (count <= fd)
		count *= 2;
	entry = realloc(epoll_set->entry, count * sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	for (int i = epoll_set->count; i < count; i++)
		entry[i] = (struct entry){0};
	epoll_set->entry = entry;
	epoll_set->count = count;
	return 0;
}

int epoll_set_watch(struct epoll_set *epoll_set, int fd, int events, epoll_set_fn function,
		    void *owner)
{
	int error = grow(epoll_set, fd);
	struct entry *entry;
	bool is_new;

	if (error)
		return error;
	entry = &epoll_set->entry[fd];
	is_new = !entry->function;
	entry->function = function;
	entry->owner = owner;
	entry->interest = events;
	if (!is_new)
		return rearm(epoll_set, fd);
	entry->generation++;
	error = arm(epoll_set, fd, EPOLL_CTL_ADD);
	if (error == -EEXIST) /* removed before, but not closed */
		error = arm(epoll_set, fd, EPOLL_CTL_MOD);
	if (error)
		entry->function = NULL;
	return error;
}

void epoll_set_remove(struct epoll_set *epoll_set, int fd)
{
	if (fd < epoll_set->count)
		epoll_set->entry[fd].function = NULL;
}
