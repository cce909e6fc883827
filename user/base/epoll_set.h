/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Edge-triggered epoll set for many short-lived sockets.
 *
 * A watch of the loop takes six system calls to start, change and end. A socket of this set
 * takes one: it is armed once for all events, the kernel reports each event once, and an event
 * that is still of interest is armed again. Closing a descriptor removes it in the kernel.
 *
 * Call epoll_set_remove() before closing a descriptor. Both functions may be called from
 * within a callback.
 */
#ifndef BASE_EPOLL_SET_H
#define BASE_EPOLL_SET_H

#include "base/loop.h"

struct epoll_set;

typedef void (*epoll_set_fn)(void *owner, int fd, int events);

/* Returns 0 or a negative errno. The loop must outlive the set. */
int epoll_set_create(struct loop *loop, struct epoll_set **epoll_set);
void epoll_set_free(struct epoll_set *epoll_set);

/*
 * Watches a descriptor for LOOP_READ, LOOP_WRITE or both, or changes that. Errors and hang-ups
 * are reported as the watched events. Returns 0 or a negative errno.
 */
int epoll_set_watch(struct epoll_set *epoll_set, int fd, int events, epoll_set_fn function,
		    void *owner);

/* Stops watching. The descriptor need not be watched. */
void epoll_set_remove(struct epoll_set *epoll_set, int fd);

#endif
