// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/trace/trace_record.h"

#include <netinet/in.h>
#include <string.h>

#include "diagnose/trace/packet_decode.h"
#include "lb/flow.h"
#include "store/flow_table.h"
#include "store/lookup.h"

static bool same_address(const __u64 a[2], const __u64 b[2])
{
	return a[0] == b[0] && a[1] == b[1];
}

static __u32 find_service(const struct store *store, const struct endpoint *endpoint)
{
	__u32 id =
		store_service_by_vip(store, endpoint->address, endpoint->port, endpoint->protocol);

	return id ? id : store_service_by_vip(store, endpoint->address, 0, endpoint->protocol);
}

/* The backend of a client's flow with a service; 0 if the flow is not tracked. */
static __u32 find_flow_backend(const struct store *store, __u32 service,
			       const struct endpoint *client, __be16 vip_port)
{
	struct flow_client client_key = {
		.port = client->port, .vip_port = vip_port, .service = service};
	struct lb_flow flow;

	memcpy(client_key.address, client->address, sizeof(client_key.address));
	return flow_table_find(store, &client_key, &flow) ? lb_flow_backend(flow.data) : 0;
}

/* If `local` is a VIP, the other side is the client. */
static bool match_service(struct trace_record *trace_record, const struct store *store,
			  const struct endpoint *local, const struct endpoint *client)
{
	trace_record->service_id = find_service(store, local);
	if (!trace_record->service_id)
		return false;
	trace_record->client = *client;
	trace_record->backend_id =
		find_flow_backend(store, trace_record->service_id, client, local->port);
	return true;
}

static bool is_backend_at(const struct store *store, __u32 id, const struct endpoint *endpoint)
{
	const struct lb_backend_config *backend = &store->config.backend[id];

	return backend->service && same_address(backend->address, endpoint->address) &&
	       (backend->port == endpoint->port || !backend->port) &&
	       store->config.service[backend->service].protocol == endpoint->protocol;
}

/*
 * If `local` is a backend, the other side is the client. If several services share the backend,
 * the one with a tracked flow of the client is selected; without such a flow, service and
 * backend are unknown.
 */
static bool match_backend(struct trace_record *trace_record, const struct store *store,
			  const struct endpoint *local, const struct endpoint *client)
{
	__u32 count = 0, only = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		if (!is_backend_at(store, id, local))
			continue;
		count++;
		only = id;
		if (find_flow_backend(store, store->config.backend[id].service, client,
				      local->port) == id) {
			count = 1;
			break;
		}
	}
	if (count)
		trace_record->client = *client;
	if (count != 1)
		return count;
	trace_record->backend_id = only;
	trace_record->service_id = store->config.backend[only].service;
	return true;
}

/* If `local` is a SNAT source, its port determines the flow. */
static bool match_snat_source(struct trace_record *trace_record, const struct store *store,
			      const struct endpoint *local)
{
	const struct lb_control *control = store->control;

	for (__u32 i = 0; i < control->max_sources; i++) {
		const struct lb_snat_entry *port =
			&store->tables.snat_ports[i * LB_SNAT_PORTS + ntohs(local->port)];

		if (!same_address(control->snat_sources[i], local->address) ||
		    !lb_flow_service(port->flow.key))
			continue;
		memcpy(trace_record->client.address, port->client, sizeof(port->client));
		trace_record->client.port = port->flow.key >> 16;
		trace_record->client.protocol = local->protocol;
		trace_record->service_id = lb_flow_service(port->flow.key);
		trace_record->backend_id = lb_flow_backend(port->flow.data);
		return true;
	}
	return false;
}

/* The end of a tunnel determines the backend; it overrides the flow table. */
static void match_tunnel_backend(struct trace_record *trace_record, const struct store *store,
				 const struct headers *headers)
{
	if (headers->is_encapsulated && trace_record->backend_id &&
	    same_address(store->config.backend[trace_record->backend_id].address,
			 headers->outer_destination))
		return; /* an alias of it has the same address */
	for (__u32 id = 1; headers->is_encapsulated && id < store->control->max_backends; id++)
		if (store->config.backend[id].service == trace_record->service_id &&
		    same_address(store->config.backend[id].address, headers->outer_destination))
			trace_record->backend_id = id;
}

static void find_client_and_backend(struct trace_record *trace_record, const struct store *store,
				    const struct headers *headers)
{
	const struct endpoint *source = &headers->source, *destination = &headers->destination;

	if (match_service(trace_record, store, destination, source)) {
		match_tunnel_backend(trace_record, store, headers);
		return;
	}
	if (match_service(trace_record, store, source, destination) ||
	    match_snat_source(trace_record, store, source) ||
	    match_snat_source(trace_record, store, destination) ||
	    match_backend(trace_record, store, destination, source))
		return;
	match_backend(trace_record, store, source, destination);
}

void trace_record_make(struct trace_record *trace_record, const struct store *store,
		       const struct lb_trace *trace, __u64 time_ns)
{
	const struct lb_control *control = store->control;
	struct headers headers;

	*trace_record = (struct trace_record){.trace = trace, .time_ns = time_ns};
	if (!packet_decode(&headers, trace->packet, trace->captured) || !headers.source.protocol)
		return;
	find_client_and_backend(trace_record, store, &headers);
	if (trace_record->service_id && trace_record->service_id < control->max_services)
		trace_record->service = &store->config.service[trace_record->service_id];
	if (trace_record->backend_id && trace_record->backend_id < control->max_backends)
		trace_record->backend = &store->config.backend[trace_record->backend_id];
}

/* True if the first `bits` bits of both are equal. */
static bool has_prefix(const __u64 address[2], const __u64 prefix[2], __u32 bits)
{
	const unsigned char *a = (const void *)address, *b = (const void *)prefix;
	__u32 bytes = bits / 8, rest = bits % 8;

	return !memcmp(a, b, bytes) && (!rest || !((a[bytes] ^ b[bytes]) >> (8 - rest)));
}

/* If the client is unknown, either address of the packet may match. */
static bool matches_client(const struct trace_record *trace_record,
			   const struct trace_filter *filter)
{
	struct headers headers;

	if (trace_record->client.protocol)
		return has_prefix(trace_record->client.address, filter->client,
				  filter->client_bits);
	if (!packet_decode(&headers, trace_record->trace->packet, trace_record->trace->captured))
		return false;
	return has_prefix(headers.source.address, filter->client, filter->client_bits) ||
	       has_prefix(headers.destination.address, filter->client, filter->client_bits);
}

bool trace_record_matches(const struct trace_record *trace_record,
			  const struct trace_filter *filter)
{
	if (filter->service && trace_record->service_id != filter->service)
		return false;
	if (filter->backend && trace_record->backend_id != filter->backend)
		return false;
	return !filter->client_bits || matches_client(trace_record, filter);
}

static void add_address(struct lb_trace_filter *bpf_filter, const __u64 address[2])
{
	__u64 hash = lb_address_hash(address);

	__atomic_or_fetch(&bpf_filter->addresses[LB_TRACE_FILTER_WORD(hash)],
			  1ULL << LB_TRACE_FILTER_BIT(hash), __ATOMIC_RELAXED);
}

void trace_filter_write(const struct trace_filter *filter, const struct store *store,
			struct lb_trace_filter *bpf_filter)
{
	bpf_filter->client[0] = filter->client[0];
	bpf_filter->client[1] = filter->client[1];
	bpf_filter->client_bits = filter->client_bits;
	bpf_filter->outcomes = filter->outcomes;
	bpf_filter->sample = filter->sample;
	bpf_filter->by_address = filter->service != 0;
	if (!filter->service)
		return;
	add_address(bpf_filter, store->config.service[filter->service].address);
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store->config.backend[id].service == filter->service &&
		    (!filter->backend || filter->backend == id))
			add_address(bpf_filter, store->config.backend[id].address);
}
