// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/answer.h"
#include "cli/session.h"
#include "commands/command_functions.h"
#include "commands/print_flows.h"
#include "model/flow_key.h"
#include "store/flow_clock.h"
#include "store/flow_table.h"

#define OUTPUT_BYTES (256 * 1024)

/* Selects flows; 0 = any. */
struct filter {
	const struct store *store;
	__u32 now; /* tick */
	__u32 service;
	__u32 backend;
	__be32 client; /* IPv4 */
	__u8 protocol;
	__u32 states; /* a bit per state */
	__u64 idle_over_ms;
};

/* State of `flow list`. */
struct listing {
	struct filter filter;
	const struct call *call;
	char (*backends)[ENDPOINT_TEXT_BYTES]; /* by id */
	__u64 count, limit;
	struct flow_row flow;
};

static int parse_client(struct call *call, __be32 *client)
{
	const char *text = call_flag(call, FLAG_CLIENT);
	__u64 address[2];

	if (!text)
		return 0;
	if (address_parse(text, address) || !address_is_ipv4(address))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-client",
				   "invalid --client '%s': expected an IPv4 address (the flow "
				   "table has only hashes of IPv6 addresses)",
				   text);
	*client = address[1] >> 32;
	return 0;
}

static int parse_protocol(struct call *call, __u8 *protocol)
{
	const char *text = call_flag(call, FLAG_PROTOCOL);

	if (!text || !protocol_parse(text, protocol))
		return 0;
	return problem_choice(&call->problem, "invalid-protocol", "--protocol", text, "tcp or udp");
}

static int unknown_state(struct call *call, const char *text, size_t length)
{
	char word[SUGGESTION_BYTES] = "", states[256] = "";

	snprintf(word, sizeof(word), "%.*s", (int)length, text);
	for (__u32 state = 0; state < LB_FLOW_STATE_COUNT; state++) {
		/* Some states share a name. */
		if (strstr(states, flow_state_name(state)))
			continue;
		strcat(states, states[0] ? ", " : "");
		strcat(states, flow_state_name(state));
	}
	return problem_choice(&call->problem, "invalid-state", "--state", word, states);
}

/* Reads NAME[,NAME...]. */
static int parse_states(struct call *call, __u32 *states)
{
	const char *text = call_flag(call, FLAG_STATE);

	while (text && *text) {
		size_t length = strcspn(text, ",");
		__u32 state = 0;

		while (state < LB_FLOW_STATE_COUNT &&
		       (strlen(flow_state_name(state)) != length ||
			memcmp(flow_state_name(state), text, length)))
			state++;
		if (state == LB_FLOW_STATE_COUNT)
			return unknown_state(call, text, length);
		*states |= 1U << state;
		text += length + (text[length] == ',');
	}
	return 0;
}

/* Reads the flags that need no store. */
static int parse_simple_flags(struct call *call, struct filter *filter)
{
	int code = parse_client(call, &filter->client);

	if (!code)
		code = parse_protocol(call, &filter->protocol);
	if (!code)
		code = parse_states(call, &filter->states);
	return code ? code
		    : call_duration(call, FLAG_IDLE_OVER, "invalid-duration",
				    &filter->idle_over_ms);
}

static int parse_filter(struct call *call, const struct store *store, struct filter *filter)
{
	const char *service = call_flag(call, FLAG_SERVICE);
	const char *backend = call_flag(call, FLAG_BACKEND);
	int code = 0;

	*filter = (struct filter){.store = store, .now = flow_clock_now(store)};
	if (service)
		code = session_find_service(call, store, service, &filter->service);
	if (!code && backend && !service)
		code = problem_set(&call->problem, EXIT_USAGE, "bad-flag",
				   "--backend needs --service");
	if (!code && backend)
		code = session_find_backend(call, store, filter->service, backend,
					    &filter->backend);
	return code ? code : parse_simple_flags(call, filter);
}

static bool is_ipv4(const struct store *store, const struct lb_flow *flow)
{
	return address_is_ipv4(store->config.service[lb_flow_service(flow->key)].address);
}

static bool matches(const struct lb_flow *flow, void *argument)
{
	const struct filter *filter = argument;
	const struct store *store = filter->store;
	__u16 service = lb_flow_service(flow->key);

	if (filter->service && service != filter->service)
		return false;
	if (filter->backend && lb_flow_backend(flow->data) != filter->backend)
		return false;
	if (filter->protocol && store->config.service[service].protocol != filter->protocol)
		return false;
	if (filter->states && !(filter->states >> lb_flow_state(flow->data) & 1))
		return false;
	if (filter->idle_over_ms &&
	    flow_table_idle_ms(store, flow, filter->now) <= filter->idle_over_ms)
		return false;
	return !filter->client || (is_ipv4(store, flow) && flow->key >> 32 == filter->client);
}

static bool matches_alive(const struct lb_flow *flow, void *argument)
{
	const struct filter *filter = argument;

	return matches(flow, argument) && lb_flow_alive(flow->data, filter->now);
}

/* Prints a flow as soon as it is found. Returns true if it matches. */
static bool list_flow(const struct lb_flow *flow, void *argument)
{
	struct listing *listing = argument;
	const struct store *store = listing->filter.store;
	const struct lb_service_config *service =
		&store->config.service[lb_flow_service(flow->key)];
	struct flow_row *out = &listing->flow;
	__u32 now = listing->filter.now;
	struct lb_flow shown;

	if (listing->count == listing->limit || !matches_alive(flow, &listing->filter))
		return false;
	shown = (struct lb_flow){.key = flow->key, .data = flow->data};
	if (!service->port)
		shown.key &= ~0xffff0000ULL; /* mixed with the destination port */
	flow_key_format(&shown, is_ipv4(store, flow), out->client);
	out->service = service->name;
	out->backend = listing->backends[lb_flow_backend(flow->data)];
	out->protocol = protocol_name(service->protocol);
	out->state = flow_state_name(lb_flow_state(flow->data));
	out->idle_ms = flow_table_idle_ms(store, flow, now);
	out->age_ms = flow_table_age_ms(store, flow, now);
	print_flow(&listing->call->output, out, listing->count++);
	return true;
}

static size_t max_width(size_t width, const char *text)
{
	return strlen(text) > width ? strlen(text) : width;
}

/* Formats what many rows share once. Returns 0 or -ENOMEM. */
static int prepare_listing(struct listing *listing)
{
	const struct store *store = listing->filter.store;
	struct flow_row *flow = &listing->flow;

	listing->backends = calloc(store->control->max_backends, sizeof(*listing->backends));
	if (!listing->backends)
		return -ENOMEM;
	flow->service_width = strlen("SERVICE");
	flow->backend_width = strlen("BACKEND");
	for (__u32 id = 1; id < store->control->max_services; id++)
		flow->service_width =
			max_width(flow->service_width, store->config.service[id].name);
	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *backend = &store->config.backend[id];

		if (!backend->service)
			continue;
		endpoint_format(backend->address, backend->port, listing->backends[id],
				sizeof(listing->backends[id]));
		flow->backend_width = max_width(flow->backend_width, listing->backends[id]);
	}
	return 0;
}

static int list(struct call *call, struct store *store)
{
	static char buffer[OUTPUT_BYTES];
	struct listing listing = {.call = call, .limit = ~0ULL};
	int error, code = parse_filter(call, store, &listing.filter);

	if (!code)
		code = call_number(call, FLAG_LIMIT, "invalid-limit", 0, UINT32_MAX,
				   &listing.limit);
	if (code)
		return code;
	error = prepare_listing(&listing);
	if (error)
		return problem_system(&call->problem, error, "listing flows");
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	flow_table_each(store, list_flow, &listing);
	print_flows_end(&call->output, listing.count);
	free(listing.backends);
	return EXIT_DONE;
}

static int count(struct call *call, struct store *store)
{
	struct filter filter;
	int code = parse_filter(call, store, &filter);

	if (!code)
		print_flow_count(&call->output, flow_table_each(store, matches_alive, &filter));
	return code;
}

static int flush(struct call *call, struct store *store)
{
	struct filter filter;
	size_t alive, matching;
	int code = parse_filter(call, store, &filter);

	if (code)
		return code;
	alive = flow_table_each(store, matches_alive, &filter);
	matching = flow_table_each(store, matches, &filter);
	if (alive && !call_flag(call, FLAG_FORCE))
		return problem_set(&call->problem, EXIT_CONFLICT, "flows-alive",
				   "%zu active flow%s; use --force to delete %s", alive,
				   alive == 1 ? "" : "s", alive == 1 ? "it" : "them");
	if (!call->globals.dry_run)
		flow_table_delete(store, matches, &filter);
	answer_changed(call, matching > 0);
	return EXIT_DONE;
}

int cmd_flow_list(struct call *call)
{
	return session_run(call, STORE_READ, list);
}

int cmd_flow_count(struct call *call)
{
	return session_run(call, STORE_READ, count);
}

int cmd_flow_flush(struct call *call)
{
	return session_run(call, STORE_WRITE, flush);
}
