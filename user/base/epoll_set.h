/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines: connections that are watched, each for a short while and at little cost.
 *
 * A watch of the loop takes six system calls to begin, change its mind, and end. A line takes
 * one: the kernel is asked once for all that may happen, tells of each thing once, and who
 * waits for more of it has it told again. A descriptor that is closed is no line any more, to
 * the kernel.
 *
 * A line is known by its descriptor, and lets go of by epoll_set_remove() before that is
 * closed. Both functions may be called from within a line's own.
 */
#ifndef BASE_EPOLL_SET_H
#define BASE_EPOLL_SET_H

#include "base/loop.h"

struct epoll_set;

typedef void (*epoll_set_fn)(void *owner, int fd, int events);

/* 0, or a negative errno. The loop must outlive the lines. */
int epoll_set_create(struct loop *loop, struct epoll_set **epoll_set);
void epoll_set_free(struct epoll_set *epoll_set);

/*
 * Watches a descriptor for LOOP_READ, LOOP_WRITE or both, or for something else than before.
 * Errors and hang-ups come as whatever is watched for. 0, or a negative errno.
 */
int epoll_set_watch(struct epoll_set *epoll_set, int fd, int events, epoll_set_fn function,
		    void *owner);

/* No more. What was never watched is allowed. */
void epoll_set_remove(struct epoll_set *epoll_set, int fd);

#endif
