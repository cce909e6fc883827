// SPDX-License-Identifier: GPL-2.0-only
#include "base/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

struct loop {
	uv_loop_t uv;
};

/* Each begins with its handle, so that one function closes and releases them all. */
struct loop_timer {
	uv_timer_t uv;
	loop_timer_fn function;
	void *owner;
};

struct loop_idle {
	uv_idle_t uv;
	loop_idle_fn function;
	void *owner;
};

struct loop_watch {
	uv_poll_t uv;
	loop_watch_fn function;
	void *owner;
};

struct loop_signal {
	uv_signal_t uv;
	loop_signal_fn function;
	void *owner;
};

int loop_create(struct loop **loop)
{
	struct loop *made = malloc(sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	error = uv_loop_init(&made->uv);
	if (error) {
		free(made);
		return error;
	}
	*loop = made;
	return 0;
}

/* Freed handles are closed in the next iteration of the loop: this one. */
void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	uv_run(&loop->uv, UV_RUN_NOWAIT);
	uv_loop_close(&loop->uv);
	free(loop);
}

void loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void close_handle(void *handle)
{
	if (handle)
		uv_close(handle, free_handle);
}

int loop_timer_create(struct loop *loop, loop_timer_fn function, void *owner,
		      struct loop_timer **timer)
{
	struct loop_timer *made = malloc(sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->function = function;
	made->owner = owner;
	uv_timer_init(&loop->uv, &made->uv);
	*timer = made;
	return 0;
}

static void timer_expired(uv_timer_t *handle)
{
	struct loop_timer *timer = (struct loop_timer *)handle;

	timer->function(timer->owner);
}

/* The loop caches its time while callbacks run, so it may be late. */
void loop_timer_start(struct loop_timer *timer, __u64 after_ms)
{
	uv_update_time(timer->uv.loop);
	uv_timer_start(&timer->uv, timer_expired, after_ms, 0);
}

void loop_timer_stop(struct loop_timer *timer)
{
	uv_timer_stop(&timer->uv);
}

void loop_timer_free(struct loop_timer *timer)
{
	close_handle(timer);
}

int loop_idle_create(struct loop *loop, loop_idle_fn function, void *owner, struct loop_idle **idle)
{
	struct loop_idle *made = malloc(sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->function = function;
	made->owner = owner;
	uv_idle_init(&loop->uv, &made->uv);
	*idle = made;
	return 0;
}

static void idle_ready(uv_idle_t *handle)
{
	struct loop_idle *idle = (struct loop_idle *)handle;

	idle->function(idle->owner);
}

void loop_idle_start(struct loop_idle *idle)
{
	uv_idle_start(&idle->uv, idle_ready);
}

void loop_idle_stop(struct loop_idle *idle)
{
	uv_idle_stop(&idle->uv);
}

void loop_idle_free(struct loop_idle *idle)
{
	close_handle(idle);
}

int loop_watch_create(struct loop *loop, int fd, loop_watch_fn function, void *owner,
		      struct loop_watch **watch)
{
	struct loop_watch *made = malloc(sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->function = function;
	made->owner = owner;
	error = uv_poll_init(&loop->uv, &made->uv, fd);
	if (error) {
		free(made);
		return error;
	}
	*watch = made;
	return 0;
}

/* An error is reported as readiness; read() or write() then returns it. */
static void watch_ready(uv_poll_t *handle, int status, int events)
{
	struct loop_watch *watch = (struct loop_watch *)handle;

	watch->function(watch->owner, status < 0 ? LOOP_READ | LOOP_WRITE
						 : (events & UV_READABLE ? LOOP_READ : 0) |
							   (events & UV_WRITABLE ? LOOP_WRITE : 0));
}

void loop_watch_set_events(struct loop_watch *watch, int events)
{
	if (!events)
		uv_poll_stop(&watch->uv);
	else
		uv_poll_start(&watch->uv,
			      (events & LOOP_READ ? UV_READABLE : 0) |
				      (events & LOOP_WRITE ? UV_WRITABLE : 0),
			      watch_ready);
}

void loop_watch_free(struct loop_watch *watch)
{
	close_handle(watch);
}

static void signal_received(uv_signal_t *handle, int number)
{
	struct loop_signal *signal = (struct loop_signal *)handle;

	signal->function(signal->owner, number);
}

int loop_signal_create(struct loop *loop, int number, loop_signal_fn function, void *owner,
		       struct loop_signal **signal)
{
	struct loop_signal *made = malloc(sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->function = function;
	made->owner = owner;
	uv_signal_init(&loop->uv, &made->uv);
	error = uv_signal_start(&made->uv, signal_received, number);
	if (error) {
		close_handle(made);
		return error;
	}
	*signal = made;
	return 0;
}

void loop_signal_free(struct loop_signal *signal)
{
	close_handle(signal);
}
