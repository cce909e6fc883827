/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines: connections that are watched, each for a short while and at little cost.
 *
 * A watch of the loop takes six system calls to begin, change its mind, and end. A line takes
 * one: the kernel is asked once for all that may happen, tells of each thing once, and who
 * waits for more of it has it told again. A descriptor that is closed is no line any more, to
 * the kernel.
 *
 * A line is known by its descriptor, and lets go of by lines_forget() before that is
 * closed. Both functions may be called from within a line's own.
 */
#ifndef BASE_EPOLL_SET_H
#define BASE_EPOLL_SET_H

#include "base/loop.h"

struct lines;

typedef void (*line_fn)(void *owner, int fd, int events);

/* 0, or a negative errno. The loop must outlive the lines. */
int lines_create(struct loop *loop, struct lines **lines);
void lines_free(struct lines *lines);

/*
 * Watches a descriptor for LOOP_READ, LOOP_WRITE or both, or for something else than before.
 * Errors and hang-ups come as whatever is watched for. 0, or a negative errno.
 */
int lines_watch(struct lines *lines, int fd, int events, line_fn function, void *owner);

/* No more. What was never watched is allowed. */
void lines_forget(struct lines *lines, int fd);

#endif
