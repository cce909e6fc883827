// SPDX-License-Identifier: GPL-2.0-only
#include "probe/kind.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

void probe_dest(const struct probe *probe, struct socket_address *dest)
{
	__be16 port = probe->check->port ? htons(probe->check->port) : probe->target.port;

	socket_address_set(dest, probe->dest_address, port);
}

int probe_socket(const struct probe *probe, struct socket_address *dest)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	int fd;

	probe_dest(probe, dest);
	if (probe->connection)
		fd = vip_connection_socket(probe->connection);
	else
		fd = socket(dest->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return probe->connection ? fd : -errno;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	return fd;
}

__u32 probe_elapsed_us(const struct probe *probe)
{
	return (clock_monotonic_ns() - probe->started_ns) / 1000 + 1;
}

void probe_end(struct probe *probe, bool passed, const char *format, ...)
{
	va_list arguments;

	if (probe->finished)
		return;
	probe->finished = true;
	probe->report.passed = passed;
	probe->report.total_us = probe_elapsed_us(probe);
	va_start(arguments, format);
	vsnprintf(probe->report.reason, sizeof(probe->report.reason), format, arguments);
	va_end(arguments);
	loop_timer_start(probe->timer, 0);
}

/* True if the error is a lack of resources or privileges of this host. */
static bool is_local_error(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM || error == -ENOBUFS ||
	       error == -EPERM || error == -EACCES || error == -EAGAIN;
}

void probe_fail(struct probe *probe, const char *what, int error)
{
	probe->report.not_tried = !probe->finished && is_local_error(error);
	probe_end(probe, false, "%s: %s", what, strerror(-error));
}
