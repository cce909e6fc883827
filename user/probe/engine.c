// SPDX-License-Identifier: GPL-2.0-only
#include "probe/engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/epoll_set.h"
#include "lb/abi.h"
#include "probe/curl_lazy.h"
#include "probe/curl_multi.h"
#include "probe/http_request.h"
#include "probe/kind.h"
#include "probe/vip/vip_path.h"

/* A timer that is no later than this is in time. */
#define TIMER_SLACK_MS 20

static const struct probe_kind *const kinds[CHECK_KIND_COUNT] = {
	[CHECK_PING] = &probe_ping,  [CHECK_TCP] = &probe_tcp,	 [CHECK_HTTP] = &probe_http,
	[CHECK_HTTPS] = &probe_http, [CHECK_EXEC] = &probe_exec,
};

int probe_engine_create(struct loop *loop, struct probe_engine **engine)
{
	struct probe_engine *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->loop = loop;
	error = epoll_set_create(loop, &made->epoll_set);
	if (error) {
		free(made);
		return error;
	}
	*engine = made;
	return 0;
}

void probe_engine_free(struct probe_engine *engine)
{
	if (!engine)
		return;
	while (engine->first)
		probe_cancel(engine->first);
	probe_commands_free(engine->commands);
	request_pool_free(engine->request_pool);
	probe_multi_free(engine->multi);
	epoll_set_free(engine->epoll_set);
	vip_path_free(engine->vip_path);
	free(engine);
}

void probe_sockaddr(const struct probe *probe, struct probe_sockaddr *dest)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&dest->address;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&dest->address;
	__be16 port = probe->check->port ? htons(probe->check->port) : probe->target.port;

	*dest = (struct probe_sockaddr){0};
	if (address_is_ipv4(probe->dest_address)) {
		dest->length = sizeof(*ipv4);
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = port;
		ipv4->sin_addr.s_addr = address_to_ipv4(probe->dest_address);
	} else {
		dest->length = sizeof(*ipv6);
		ipv6->sin6_family = AF_INET6;
		ipv6->sin6_port = port;
		memcpy(&ipv6->sin6_addr, probe->dest_address, sizeof(ipv6->sin6_addr));
	}
}

int probe_socket(const struct probe *probe, struct probe_sockaddr *dest)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	int fd;

	probe_sockaddr(probe, dest);
	if (probe->connection)
		fd = vip_connection_socket(probe->connection);
	else
		fd = socket(dest->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return probe->connection ? fd : -errno;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	return fd;
}

__u32 probe_elapsed_us(const struct probe *probe)
{
	return (loop_clock_ns() - probe->started_ns) / 1000 + 1;
}

static void list_add(struct probe *probe)
{
	struct probe_engine *engine = probe->engine;

	probe->next = engine->first;
	if (engine->first)
		engine->first->previous = probe;
	engine->first = probe;
}

static void list_remove(struct probe *probe)
{
	if (probe->previous)
		probe->previous->next = probe->next;
	else
		probe->engine->first = probe->next;
	if (probe->next)
		probe->next->previous = probe->previous;
}

void probe_cancel(struct probe *probe)
{
	if (!probe)
		return;
	probe->kind->stop(probe);
	vip_connection_close(probe->connection);
	loop_timer_free(probe->timer);
	list_remove(probe);
	free(probe);
}

/*
 * Who looks at the clock too late has not looked for answers either: the time that this host was
 * away is given back, once.
 */
static bool extend_timeout(struct probe *probe)
{
	__u32 timeout_ms = probe->check->timeout_ms;
	__u32 elapsed_ms = probe_elapsed_us(probe) / 1000;

	if (probe->extended || elapsed_ms < timeout_ms + TIMER_SLACK_MS)
		return false;
	probe->extended = true;
	loop_timer_start(probe->timer,
			 elapsed_ms < 2 * timeout_ms ? elapsed_ms - timeout_ms : timeout_ms);
	return true;
}

/* The timer is both: the end of time, and the way out of whoever called probe_end(). */
static void complete(void *owner)
{
	struct probe *probe = owner;
	struct probe_report report;
	probe_done done = probe->done;
	void *context = probe->owner;

	if (!probe->finished && extend_timeout(probe))
		return;
	if (!probe->finished) {
		probe->report.timed_out = true;
		snprintf(probe->report.reason, sizeof(probe->report.reason), "timeout: %s",
			 probe->timeout_reason);
		probe->report.total_us = probe_elapsed_us(probe);
	}
	report = probe->report;
	probe_cancel(probe);
	done(context, &report);
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

/* Is it this host that cannot, whatever the target can? */
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

/* Connections have to be to the VIP where packets of the service reach the backend as they are. */
static bool needs_vip_path(const struct probe *probe)
{
	const struct probe_target *target = &probe->target;

	return (target->vip[0] || target->vip[1]) &&
	       (target->forward == LB_FORWARD_DSR || target->forward == LB_FORWARD_IPIP ||
		target->forward == LB_FORWARD_GUE) &&
	       probe->kind != &probe_ping && probe->kind != &probe_exec;
}

static int open_vip_connection(struct probe *probe)
{
	const struct probe_target *target = &probe->target;

	memcpy(probe->dest_address, target->vip, sizeof(probe->dest_address));
	return vip_connection_open(probe->engine->vip_path, target->vip, target->address,
				   target->forward, &probe->connection);
}

static void begin(struct probe *probe)
{
	int error = needs_vip_path(probe) ? open_vip_connection(probe) : 0;

	if (error)
		probe_fail(probe, "connect", error);
	else
		probe->kind->start(probe);
}

int probe_start(struct probe_engine *engine, const struct check *check,
		const struct probe_target *target, probe_done done, void *owner,
		struct probe **probe)
{
	struct probe *made;
	int error;

	if (!kinds[check->kind])
		return -EINVAL;
	/* No probe's time is spent on that; one that cannot do without says so itself. */
	if (check->kind == CHECK_HTTP || check->kind == CHECK_HTTPS)
		curl_lazy_load();
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	*made = (struct probe){.engine = engine,
			       .check = check,
			       .target = *target,
			       .dest_address = {target->address[0], target->address[1]},
			       .kind = kinds[check->kind],
			       .done = done,
			       .owner = owner,
			       .timeout_reason = "no answer",
			       .started_ns = loop_clock_ns()};
	error = loop_timer_create(engine->loop, complete, made, &made->timer);
	if (!error && needs_vip_path(made) && !engine->vip_path)
		error = vip_path_create(engine->loop, &engine->vip_path);
	if (error) {
		loop_timer_free(made->timer);
		free(made);
		return error;
	}
	list_add(made);
	loop_timer_start(made->timer, check->timeout_ms);
	begin(made);
	*probe = made;
	return 0;
}
