// SPDX-License-Identifier: GPL-2.0-only
#include "probe_web.h"

#include <errno.h>
#include <stdlib.h>

#include "probe_curl.h"

#define IDLE_MAX 64

struct probe_web {
	struct loop *loop;
	probe_web_ended ended;
	CURLM *multi;
	struct loop_timer *timer; /* libcurl's own */
	CURL *idle[IDLE_MAX];
	size_t idle_count;
};

/* One for each socket of libcurl's, which knows it by its number alone. */
struct line {
	struct probe_web *web;
	int fd;
	struct loop_watch *watch;
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

static void socket_ready(void *owner, int events)
{
	struct line *line = owner;
	struct probe_web *web = line->web;
	int running;

	curl_multi_socket_action(web->multi, line->fd,
				 (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
					 (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0),
				 &running);
	collect(web);
}

static void drop_line(struct line *line)
{
	if (line)
		loop_watch_free(line->watch);
	free(line);
}

static struct line *open_line(struct probe_web *web, int fd)
{
	struct line *line = malloc(sizeof(*line));

	if (!line)
		return NULL;
	*line = (struct line){.web = web, .fd = fd};
	if (loop_watch_create(web->loop, fd, socket_ready, line, &line->watch)) {
		free(line);
		return NULL;
	}
	curl_multi_assign(web->multi, fd, line);
	return line;
}

/* libcurl tells what it waits for. */
static int follow_socket(CURL *easy, curl_socket_t fd, int what, void *owner, void *known)
{
	struct probe_web *web = owner;
	struct line *line = known;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		drop_line(line);
		curl_multi_assign(web->multi, fd, NULL);
		return 0;
	}
	if (!line)
		line = open_line(web, fd);
	if (!line)
		return -1;
	loop_watch_for(line->watch, (what & CURL_POLL_IN ? LOOP_READ : 0) |
					    (what & CURL_POLL_OUT ? LOOP_WRITE : 0));
	return 0;
}

static int follow_timer(CURLM *multi, long after_ms, void *owner)
{
	struct probe_web *web = owner;

	(void)multi;
	if (after_ms < 0)
		loop_timer_stop(web->timer);
	else
		loop_timer_start(web->timer, after_ms);
	return 0;
}

static void time_has_come(void *owner)
{
	struct probe_web *web = owner;
	int running;

	curl_multi_socket_action(web->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(web);
}

int probe_web_create(struct loop *loop, probe_web_ended ended, struct probe_web **web)
{
	int error = probe_curl_load();
	struct probe_web *made;

	if (error)
		return error;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->loop = loop;
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
	while (web->idle_count)
		curl_easy_cleanup(web->idle[--web->idle_count]);
	curl_multi_cleanup(web->multi);
	loop_timer_free(web->timer);
	free(web);
	curl_global_cleanup();
}

int probe_web_take(struct probe_web *web, CURL **easy)
{
	CURL *taken = web->idle_count ? web->idle[--web->idle_count] : curl_easy_init();

	if (!taken)
		return -ENOMEM;
	*easy = taken;
	return 0;
}

void probe_web_give(struct probe_web *web, CURL *easy)
{
	curl_multi_remove_handle(web->multi, easy);
	if (web->idle_count == IDLE_MAX) {
		curl_easy_cleanup(easy);
		return;
	}
	curl_easy_reset(easy);
	web->idle[web->idle_count++] = easy;
}

int probe_web_begin(struct probe_web *web, CURL *easy)
{
	return curl_multi_add_handle(web->multi, easy) ? -ENOMEM : 0;
}
