// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow_key.h"
#include "flow_table.h"
#include "report.h"
#include "session.h"

/* Which flows a command is about; 0 = whichever. */
struct filter {
	const struct store *store;
	__u32 now; /* tick */
	__u32 service;
	__u32 backend;
	__be32 client; /* IPv4 */
	struct view_flow *flows; /* where to put them, in words; NULL = only count */
	size_t count, room;
};

static int parse_client(struct call *call, __be32 *client)
{
	const char *text = call_flag(call, "client");
	__u64 address[2];

	if (!text)
		return 0;
	if (address_parse(text, address) || !address_is_ipv4(address))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-client",
				   "--client %s: expected an IPv4 address (of IPv6 clients only "
				   "a hash is remembered)",
				   text);
	*client = address[1] >> 32;
	return 0;
}

static int parse_filter(struct call *call, const struct store *store, struct filter *filter)
{
	const char *service = call_flag(call, "service");
	const char *backend = call_flag(call, "backend");
	int code = 0;

	*filter = (struct filter){.store = store, .now = flow_table_now(store)};
	if (service)
		code = session_service(call, store, service, &filter->service);
	if (!code && backend && !service)
		code = problem_set(&call->problem, EXIT_USAGE, "bad-flag",
				   "--backend needs --service");
	if (!code && backend)
		code = session_backend(call, store, filter->service, backend, &filter->backend);
	return code ? code : parse_client(call, &filter->client);
}

static bool is_ipv4(const struct store *store, const struct lb_flow *flow)
{
	return address_is_ipv4(store->service[lb_flow_service(flow->key)].address);
}

static bool passes(const struct lb_flow *flow, void *argument)
{
	const struct filter *filter = argument;

	if (filter->service && lb_flow_service(flow->key) != filter->service)
		return false;
	if (filter->backend && lb_flow_backend(flow->data) != filter->backend)
		return false;
	return !filter->client ||
	       (is_ipv4(filter->store, flow) && flow->key >> 32 == filter->client);
}

static bool passes_alive(const struct lb_flow *flow, void *argument)
{
	const struct filter *filter = argument;

	return passes(flow, argument) && lb_flow_alive(flow->data, filter->now);
}

static __u64 age_ms(const struct lb_flow *flow, __u32 now)
{
	__u32 units = ((now >> LB_CREATED_SHIFT) - lb_flow_created(flow->data)) & LB_CREATED_MASK;

	return ((__u64)units << (LB_CREATED_SHIFT + LB_TICK_SHIFT)) / 1000000;
}

/* How long since the flow's last packet, to within the 32nd of its timeout that writing is spared. */
static __u64 idle_ms(const struct store *store, const struct lb_flow *flow, __u32 now)
{
	const struct lb_backend *backend = &store->backends[lb_flow_backend(flow->data)];
	__u32 lease = lb_flow_lease(lb_flow_idle(backend, lb_flow_state(flow->data)));
	__s64 idle = (__s64)lease - lb_flow_left(flow->data, now);

	return idle > 0 ? ((__u64)idle << LB_TICK_SHIFT) / 1000000 : 0;
}

static bool describe(const struct lb_flow *flow, void *argument)
{
	struct filter *filter = argument;
	const struct store *store = filter->store;
	const struct lb_service_config *service = &store->service[lb_flow_service(flow->key)];
	const struct lb_backend_config *backend = &store->backend[lb_flow_backend(flow->data)];
	struct view_flow *out;

	if (filter->count == filter->room || !passes_alive(flow, argument))
		return false;
	out = &filter->flows[filter->count++];
	flow_key_format(flow, is_ipv4(store, flow), out->client, sizeof(out->client));
	endpoint_format(backend->address, backend->port, out->backend, sizeof(out->backend));
	out->service = service->name;
	out->protocol = protocol_name(service->protocol);
	out->state = flow_state_name(lb_flow_state(flow->data));
	out->idle_ms = idle_ms(store, flow, filter->now);
	out->age_ms = age_ms(flow, filter->now);
	if (out->age_ms < out->idle_ms)
		out->age_ms = out->idle_ms; /* the idle time is told more finely */
	return true;
}

/* Flows go on coming while we look: some more room than there were a moment ago. */
static int list(struct call *call, struct store *store)
{
	struct filter filter;
	int code = parse_filter(call, store, &filter);

	if (code)
		return code;
	filter.room = flow_table_each(store, passes_alive, &filter) * 5 / 4 + 1024;
	filter.flows = calloc(filter.room, sizeof(*filter.flows));
	if (!filter.flows)
		return problem_system(&call->problem, -ENOMEM, "listing flows");
	flow_table_each(store, describe, &filter);
	report_of(call)->flows(call, filter.flows, filter.count);
	free(filter.flows);
	return EXIT_DONE;
}

static int count(struct call *call, struct store *store)
{
	struct filter filter;
	int code = parse_filter(call, store, &filter);

	if (!code)
		report_of(call)->flow_count(call, flow_table_each(store, passes_alive, &filter));
	return code;
}

static int flush(struct call *call, struct store *store)
{
	struct filter filter;
	size_t alive, matching;
	int code = parse_filter(call, store, &filter);

	if (code)
		return code;
	alive = flow_table_each(store, passes_alive, &filter);
	matching = flow_table_each(store, passes, &filter);
	if (alive && !call_flag(call, "force"))
		return problem_set(&call->problem, EXIT_CONFLICT, "flows-alive",
				   "%zu flow%s alive; --force forgets %s", alive,
				   alive == 1 ? " is" : "s are", alive == 1 ? "it" : "them");
	if (!call->globals.dry_run)
		flow_table_forget(store, passes, &filter);
	report_of(call)->changed(call, matching > 0);
	return EXIT_DONE;
}

int flow_list_run(struct call *call)
{
	return session_run(call, STORE_READ, list);
}

int flow_count_run(struct call *call)
{
	return session_run(call, STORE_READ, count);
}

int flow_flush_run(struct call *call)
{
	return session_run(call, STORE_WRITE, flush);
}
