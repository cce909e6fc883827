/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event loop: timers, idle callbacks, descriptors and signals. Callbacks run within loop_run(),
 * on its thread.
 *
 * A thin layer over libuv, which no other file uses. The creator of a timer, idle callback,
 * watch or signal owns it and frees it before the loop. It may be freed at any time, also
 * within its own callback, which is then not called again. Freeing NULL is allowed. A watch
 * does not own its descriptor: free the watch first, then close the descriptor.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <linux/types.h>

struct loop;
struct loop_timer;
struct loop_idle;
struct loop_watch;
struct loop_signal;

/* Events of a descriptor: which to watch for, and which occurred. */
#define LOOP_READ  1
#define LOOP_WRITE 2

typedef void (*loop_timer_fn)(void *owner);
typedef void (*loop_idle_fn)(void *owner);
typedef void (*loop_watch_fn)(void *owner, int events);
typedef void (*loop_signal_fn)(void *owner, int number);

/* Functions that return int return 0, or a negative errno with the output untouched. */
int loop_create(struct loop **loop);
void loop_free(struct loop *loop);

/* Runs until loop_stop(), or until nothing is left to wait for. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* A new timer is stopped. Starting it sets one expiry, `after_ms` from now. */
int loop_timer_create(struct loop *loop, loop_timer_fn function, void *owner,
		      struct loop_timer **timer);
void loop_timer_start(struct loop_timer *timer, __u64 after_ms);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/*
 * Idle callback, for work in portions: called once per iteration of the loop, from
 * loop_idle_start() to loop_idle_stop(). Descriptors are polled in between. A new one is
 * stopped.
 */
int loop_idle_create(struct loop *loop, loop_idle_fn function, void *owner,
		     struct loop_idle **idle);
void loop_idle_start(struct loop_idle *idle);
void loop_idle_stop(struct loop_idle *idle);
void loop_idle_free(struct loop_idle *idle);

/* Errors and hang-ups are reported as the watched events. */
int loop_watch_create(struct loop *loop, int fd, loop_watch_fn function, void *owner,
		      struct loop_watch **watch);
/* 0 pauses the watch. */
void loop_watch_set_events(struct loop_watch *watch, int events);
void loop_watch_free(struct loop_watch *watch);

/* Handles the signal from now on. */
int loop_signal_create(struct loop *loop, int number, loop_signal_fn function, void *owner,
		       struct loop_signal **signal);
void loop_signal_free(struct loop_signal *signal);

#endif
