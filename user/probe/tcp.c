// SPDX-License-Identifier: GPL-2.0-only
/*
 * A connection that comes about. It is reset at once, which costs the other side the least, and
 * leaves nothing that has to wait on this one.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/epoll_set.h"
#include "probe/kind.h"

struct
try {
	int fd;
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

static void ready(void *owner, int fd, int events)
{
	struct probe *probe = owner;
	int error = 0;
	socklen_t length = sizeof(error);

	(void)events;
	lines_forget(probe->engine->lines, fd);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
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
	error = lines_watch(probe->engine->lines, try->fd, LOOP_WRITE, ready, probe);
	if (error)
		probe_fail(probe, "socket", error);
}

static void stop(struct probe *probe)
{
	struct try *try = probe->own;

	if (!try)
		return;
	if (try->fd >= 0) {
		lines_forget(probe->engine->lines, try->fd);
		close(try->fd);
	}
	free(try);
}

const struct probe_kind probe_tcp = {.start = start, .stop = stop};
