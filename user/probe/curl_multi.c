// SPDX-License-Identifier: GPL-2.0-only
#include "probe/curl_multi.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "probe/curl_lazy.h"

struct probe_multi {
	struct epoll_set *epoll_set;
	probe_multi_done done;
	CURLM *handle;
	struct loop_timer *timer; /* libcurl's timeout */
	__u64 due_ns; /* when the timer expires; 0 = stopped */
	bool is_adding; /* probe_multi_add() performs immediate work itself */
};

/* Calls `done` for each transfer that has ended. */
static void report_done(struct probe_multi *multi)
{
	CURLMsg *message;
	void *owner;
	int left;

	while ((message = curl_multi_info_read(multi->handle, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&owner);
		multi->done(owner, message->data.result);
	}
}

static void perform(struct probe_multi *multi, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(multi->handle, fd, events, &running);
	report_done(multi);
}

static void socket_ready(void *owner, int fd, int events)
{
	perform(owner, fd,
		(events & LOOP_READ ? CURL_CSELECT_IN : 0) |
			(events & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

/* CURLMOPT_SOCKETFUNCTION: sets the events that libcurl waits for. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *owner, void *socket_data)
{
	struct probe_multi *multi = owner;
	int events =
		(what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

	(void)easy, (void)socket_data;
	if (what == CURL_POLL_REMOVE)
		epoll_set_remove(multi->epoll_set, fd);
	else if (epoll_set_watch(multi->epoll_set, fd, events, socket_ready, multi))
		return -1;
	return 0;
}

/*
 * CURLMOPT_TIMERFUNCTION. Only restarts the timer if it must expire earlier: an early expiry costs
 * one call, a restart costs a call each time.
 */
static int set_timer(CURLM *handle, long after_ms, void *owner)
{
	struct probe_multi *multi = owner;
	__u64 due_ns = clock_monotonic_ns() + (__u64)after_ms * 1000000;

	(void)handle;
	if (after_ms < 0) {
		loop_timer_stop(multi->timer);
		multi->due_ns = 0;
	} else if (!multi->is_adding && (!multi->due_ns || due_ns < multi->due_ns)) {
		loop_timer_start(multi->timer, after_ms);
		multi->due_ns = due_ns;
	}
	return 0;
}

static void timer_expired(void *owner)
{
	struct probe_multi *multi = owner;

	multi->due_ns = 0;
	perform(multi, CURL_SOCKET_TIMEOUT, 0);
}

int probe_multi_create(struct loop *loop, struct epoll_set *epoll_set, probe_multi_done done,
		       struct probe_multi **multi)
{
	int error = curl_lazy_load();
	struct probe_multi *made;

	if (error)
		return error;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->epoll_set = epoll_set;
	made->done = done;
	if (loop_timer_create(loop, timer_expired, made, &made->timer)) {
		free(made);
		return -ENOMEM;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	made->handle = curl_multi_init();
	if (!made->handle) {
		probe_multi_free(made);
		return -ENOMEM;
	}
	curl_multi_setopt(made->handle, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(made->handle, CURLMOPT_SOCKETDATA, made);
	curl_multi_setopt(made->handle, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(made->handle, CURLMOPT_TIMERDATA, made);
	*multi = made;
	return 0;
}

void probe_multi_free(struct probe_multi *multi)
{
	if (!multi)
		return;
	curl_multi_cleanup(multi->handle);
	loop_timer_free(multi->timer);
	free(multi);
	curl_global_cleanup();
}

/* Starts the transfer directly; libcurl alone would wait for a timer. */
int probe_multi_add(struct probe_multi *multi, CURL *easy)
{
	CURLMcode code;

	multi->is_adding = true;
	code = curl_multi_add_handle(multi->handle, easy);
	multi->is_adding = false;
	if (code)
		return -ENOMEM;
	perform(multi, CURL_SOCKET_TIMEOUT, 0);
	return 0;
}

void probe_multi_remove(struct probe_multi *multi, CURL *easy)
{
	curl_multi_remove_handle(multi->handle, easy);
}
