// SPDX-License-Identifier: GPL-2.0-only
/*
 * A connection that comes about. It is reset at once, which costs the other side the least, and
 * leaves nothing that has to wait on this one.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "probe_kind.h"

struct
try {
	int fd;
	struct loop_watch *watch;
};

static void connected(struct probe *probe, int error)
{
	if (error) {
		probe_fail(probe, "connect", error);
		return;
	}
	probe->report.connect_us = probe_elapsed_us(probe);
	probe_end(probe, true, "connected");
}

static void ready(void *owner, int events)
{
	struct probe *probe = owner;
	struct try *try = probe->own;
	int error = 0;
	socklen_t length = sizeof(error);

	(void)events;
	loop_watch_for(try->watch, 0);
	getsockopt(try->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	connected(probe, -error);
}

static void start(struct probe *probe)
{
	struct try *try = malloc(sizeof(*try));
	struct probe_place place;
	int error;

	if (!try) {
		probe_fail(probe, "connect", -ENOMEM);
		return;
	}
	probe->own = try;
	probe->waiting = "connect";
	try->watch = NULL;
	try->fd = probe_socket(probe, &place);
	if (try->fd < 0) {
		probe_fail(probe, "socket", try->fd);
		return;
	}
	error = connect(try->fd, (struct sockaddr *)&place.address, place.length) ? -errno : 0;
	if (error != -EINPROGRESS) {
		connected(probe, error);
		return;
	}
	error = loop_watch_create(probe->engine->loop, try->fd, ready, probe, &try->watch);
	if (error)
		probe_fail(probe, "socket", error);
	else
		loop_watch_for(try->watch, LOOP_WRITE);
}

static void stop(struct probe *probe)
{
	struct try *try = probe->own;

	if (!try)
		return;
	loop_watch_free(try->watch);
	if (try->fd >= 0)
		close(try->fd);
	free(try);
}

const struct probe_kind probe_tcp = {.start = start, .stop = stop};
