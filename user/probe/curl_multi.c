// SPDX-License-Identifier: GPL-2.0-only
#include "probe/curl_multi.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "probe/curl_lazy.h"

struct probe_web {
	struct loop *loop;
	struct lines *lines;
	probe_web_ended ended;
	CURLM *multi;
	struct loop_timer *timer; /* libcurl's own, */
	__u64 due_ns; /* and when it is due; 0: it does not run */
	bool is_beginning; /* what is to be done at once will be */
};

/* Hands out what has ended. */
static void collect(struct probe_web *web)
{
	CURLMsg *message;
	void *owner;
	int left;

	while ((message = curl_multi_info_read(web->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&owner);
		web->ended(owner, message->data.result);
	}
}

static void act(struct probe_web *web, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(web->multi, fd, events, &running);
	collect(web);
}

static void socket_ready(void *owner, int fd, int events)
{
	act(owner, fd,
	    (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
		    (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

/* libcurl tells what it waits for. */
static int follow_socket(CURL *easy, curl_socket_t fd, int what, void *owner, void *known)
{
	struct probe_web *web = owner;
	int events =
		(what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

	(void)easy, (void)known;
	if (what == CURL_POLL_REMOVE)
		lines_forget(web->lines, fd);
	else if (lines_watch(web->lines, fd, events, socket_ready, web))
		return -1;
	return 0;
}

/* A timer that comes too early only costs the call, and one that is moved costs it every time. */
static int follow_timer(CURLM *multi, long after_ms, void *owner)
{
	struct probe_web *web = owner;
	__u64 due_ns = loop_clock_ns() + (__u64)after_ms * 1000000;

	(void)multi;
	if (after_ms < 0) {
		loop_timer_stop(web->timer);
		web->due_ns = 0;
	} else if (!web->is_beginning && (!web->due_ns || due_ns < web->due_ns)) {
		loop_timer_start(web->timer, after_ms);
		web->due_ns = due_ns;
	}
	return 0;
}

static void time_has_come(void *owner)
{
	struct probe_web *web = owner;

	web->due_ns = 0;
	act(web, CURL_SOCKET_TIMEOUT, 0);
}

int probe_web_create(struct loop *loop, struct lines *lines, probe_web_ended ended,
		     struct probe_web **web)
{
	int error = probe_curl_load();
	struct probe_web *made;

	if (error)
		return error;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->loop = loop;
	made->lines = lines;
	made->ended = ended;
	if (loop_timer_create(loop, time_has_come, made, &made->timer)) {
		free(made);
		return -ENOMEM;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	made->multi = curl_multi_init();
	if (!made->multi) {
		probe_web_free(made);
		return -ENOMEM;
	}
	curl_multi_setopt(made->multi, CURLMOPT_SOCKETFUNCTION, follow_socket);
	curl_multi_setopt(made->multi, CURLMOPT_SOCKETDATA, made);
	curl_multi_setopt(made->multi, CURLMOPT_TIMERFUNCTION, follow_timer);
	curl_multi_setopt(made->multi, CURLMOPT_TIMERDATA, made);
	*web = made;
	return 0;
}

void probe_web_free(struct probe_web *web)
{
	if (!web)
		return;
	curl_multi_cleanup(web->multi);
	loop_timer_free(web->timer);
	free(web);
	curl_global_cleanup();
}

/* libcurl would have a timer begin it. */
int probe_web_begin(struct probe_web *web, CURL *easy)
{
	CURLMcode code;

	web->is_beginning = true;
	code = curl_multi_add_handle(web->multi, easy);
	web->is_beginning = false;
	if (code)
		return -ENOMEM;
	act(web, CURL_SOCKET_TIMEOUT, 0);
	return 0;
}

void probe_web_end(struct probe_web *web, CURL *easy)
{
	curl_multi_remove_handle(web->multi, easy);
}
