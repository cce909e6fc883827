// SPDX-License-Identifier: GPL-2.0-only
#include "probe/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/epoll_set.h"
#include "lb/abi.h"
#include "probe/curl_lazy.h"
#include "probe/curl_multi.h"
#include "probe/http_request.h"
#include "probe/kind.h"
#include "probe/kinds.h"

/* A timer that fires later than this was delayed by this host. */
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
 * Extends the timeout once if the timer fires late: a host that was stalled did not read responses
 * either. Returns true if the probe continues. The extension is the time lost, at most one timeout.
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

/*
 * Timer callback: the timeout, or the deferred end after probe_end(). Deferring lets the caller
 * of probe_end() return before the probe is freed.
 */
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

/* True if the probe connects to the VIP: the forwarding mode keeps the destination address. */
static bool needs_vip_path(const struct probe *probe)
{
	const struct probe_target *target = &probe->target;

	return probe->kind->uses_vip && (target->vip[0] || target->vip[1]) &&
	       (target->forward == LB_FORWARD_DSR || target->forward == LB_FORWARD_IPIP ||
		target->forward == LB_FORWARD_GUE);
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
	/* Loaded before the clock of the probe starts. The probe itself reports a failure. */
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
			       .started_ns = clock_monotonic_ns()};
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
