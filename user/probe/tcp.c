// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP probe: passes if a connection is established. It is reset immediately, which costs the
 * backend the least and leaves no TIME_WAIT on this host.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/epoll_set.h"
#include "probe/kind.h"
#include "probe/kinds.h"

struct attempt {
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
	epoll_set_remove(probe->engine->epoll_set, fd);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	connected(probe, -error);
}

static void start(struct probe *probe)
{
	struct attempt *attempt = malloc(sizeof(*attempt));
	struct socket_address dest;
	int error;

	if (!attempt) {
		probe_fail(probe, "connect", -ENOMEM);
		return;
	}
	probe->priv = attempt;
	probe->timeout_reason = "connect";
	attempt->fd = probe_socket(probe, &dest);
	if (attempt->fd < 0) {
		probe_fail(probe, "socket", attempt->fd);
		return;
	}
	error = connect(attempt->fd, &dest.any, dest.length) ? -errno : 0;
	if (error != -EINPROGRESS) {
		connected(probe, error);
		return;
	}
	error = epoll_set_watch(probe->engine->epoll_set, attempt->fd, LOOP_WRITE, ready, probe);
	if (error)
		probe_fail(probe, "socket", error);
}

static void stop(struct probe *probe)
{
	struct attempt *attempt = probe->priv;

	if (!attempt)
		return;
	if (attempt->fd >= 0) {
		epoll_set_remove(probe->engine->epoll_set, attempt->fd);
		close(attempt->fd);
	}
	free(attempt);
}

const struct probe_kind probe_tcp = {.uses_vip = true, .start = start, .stop = stop};
