/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event loop: timers, turns, descriptors and signals, each with a function that is called
 * when it is time, from within loop_run() and on its thread.
 *
 * A thin layer, so that one file knows libuv. Whoever makes a timer, turn, watch or signal
 * owns it and lets it go by its _free(), before the loop; that is allowed at any time,
 * in its own function too, which is never called again then. What is freed may be
 * NULL. A watch never owns its descriptor: free the watch first, close it then.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <linux/types.h>

struct loop;
struct loop_timer;
struct loop_idle;
struct loop_watch;
struct loop_signal;

/* What a descriptor is watched for; the function is told which of it holds. */
#define LOOP_READ  1
#define LOOP_WRITE 2

typedef void (*loop_timer_fn)(void *owner);
typedef void (*loop_idle_fn)(void *owner);
typedef void (*loop_watch_fn)(void *owner, int events);
typedef void (*loop_signal_fn)(void *owner, int number);

/* All that return int: 0, or negative errno with the output untouched. */
int loop_create(struct loop **loop);
void loop_free(struct loop *loop);

/* Until loop_stop(), or until nothing is left that could happen. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* CLOCK_MONOTONIC, now. */
__u64 loop_clock_ns(void);

/* Made idle; started once for `after_ms` from now, whether or not it runs. */
int loop_timer_create(struct loop *loop, loop_timer_fn function, void *owner,
		      struct loop_timer **timer);
void loop_timer_start(struct loop_timer *timer, __u64 after_ms);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/*
 * For work that is done in pieces: one in each round of the loop, from loop_idle_start() until
 * loop_idle_stop(). Descriptors are looked at between any two. Made idle.
 */
int loop_idle_create(struct loop *loop, loop_idle_fn function, void *owner,
		     struct loop_idle **idle);
void loop_idle_start(struct loop_idle *idle);
void loop_idle_stop(struct loop_idle *idle);
void loop_idle_free(struct loop_idle *idle);

/* Errors and hang-ups come as whatever is watched for. */
int loop_watch_create(struct loop *loop, int fd, loop_watch_fn function, void *owner,
		      struct loop_watch **watch);
/* No events: pauses. */
void loop_watch_set_events(struct loop_watch *watch, int events);
void loop_watch_free(struct loop_watch *watch);

/* Watches the signal from now on. */
int loop_signal_create(struct loop *loop, int number, loop_signal_fn function, void *owner,
		       struct loop_signal **signal);
void loop_signal_free(struct loop_signal *signal);

#endif
