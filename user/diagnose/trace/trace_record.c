// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/trace/trace_record.h"

#include <netinet/in.h>
#include <string.h>

#include "diagnose/trace/packet_decode.h"
#include "lb/flow.h"
#include "store/flow_table.h"

static bool same_address(const __u64 a[2], const __u64 b[2])
{
	return a[0] == b[0] && a[1] == b[1];
}

static __u32 service_at(const struct store *store, const struct endpoint *endpoint)
{
	__u32 id = store_service_at(store, endpoint->address, endpoint->port, endpoint->protocol);

	return id ? id : store_service_at(store, endpoint->address, 0, endpoint->protocol);
}

/* Whom a client's flow with a service is with; 0 if that is not remembered. */
static __u32 backend_of(const struct store *store, __u32 service, const struct endpoint *client,
			__be16 asked)
{
	struct flow_client whose = {.port = client->port, .asked = asked, .service = service};
	struct lb_flow flow;

	memcpy(whose.address, client->address, sizeof(whose.address));
	return flow_table_find(store, &whose, &flow) ? lb_flow_backend(flow.data) : 0;
}

/* Is one side a service? Then the other one is its client. */
static bool meets_service(struct sighting *sighting, const struct store *store,
			  const struct endpoint *ours, const struct endpoint *client)
{
	sighting->service_id = service_at(store, ours);
	if (!sighting->service_id)
		return false;
	sighting->client = *client;
	sighting->backend_id = backend_of(store, sighting->service_id, client, ours->port);
	return true;
}

static bool is_backend_at(const struct store *store, __u32 id, const struct endpoint *endpoint)
{
	const struct lb_backend_config *backend = &store->backend[id];

	return backend->service && same_address(backend->address, endpoint->address) &&
	       (backend->port == endpoint->port || !backend->port) &&
	       store->service[backend->service].protocol == endpoint->protocol;
}

/*
 * Is one side a backend? Of the services that share it, the one that the flow memory knows
 * the client of; without such a flow, the only one that there is.
 */
static bool meets_backend(struct sighting *sighting, const struct store *store,
			  const struct endpoint *ours, const struct endpoint *client)
{
	__u32 count = 0, only = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		if (!is_backend_at(store, id, ours))
			continue;
		count++;
		only = id;
		if (backend_of(store, store->backend[id].service, client, ours->port) == id) {
			count = 1;
			break;
		}
	}
	if (count)
		sighting->client = *client;
	if (count != 1)
		return count;
	sighting->backend_id = only;
	sighting->service_id = store->backend[only].service;
	return true;
}

/* Is one side an address of snat? Then its port tells whose it is. */
static bool meets_source(struct sighting *sighting, const struct store *store,
			 const struct endpoint *ours)
{
	const struct lb_control *control = store->control;

	for (__u32 i = 0; i < control->max_sources; i++) {
		const struct lb_port *port = &store->ports[i * LB_PORTS + ntohs(ours->port)];

		if (!same_address(control->sources[i], ours->address) ||
		    !lb_flow_service(port->flow.key))
			continue;
		memcpy(sighting->client.address, port->client, sizeof(port->client));
		sighting->client.port = port->flow.key >> 16;
		sighting->client.protocol = ours->protocol;
		sighting->service_id = lb_flow_service(port->flow.key);
		sighting->backend_id = lb_flow_backend(port->flow.data);
		return true;
	}
	return false;
}

/* A tunnel tells better than the flow memory whom it leads to. */
static void follow_tunnel(struct sighting *sighting, const struct store *store,
			  const struct headers *headers)
{
	if (headers->is_wrapped && sighting->backend_id &&
	    same_address(store->backend[sighting->backend_id].address, headers->wrapped_to))
		return; /* who may have a deputy at the same address */
	for (__u32 id = 1; headers->is_wrapped && id < store->control->max_backends; id++)
		if (store->backend[id].service == sighting->service_id &&
		    same_address(store->backend[id].address, headers->wrapped_to))
			sighting->backend_id = id;
}

static void find_parties(struct sighting *sighting, const struct store *store,
			 const struct headers *headers)
{
	const struct endpoint *source = &headers->source, *destination = &headers->destination;

	if (meets_service(sighting, store, destination, source)) {
		follow_tunnel(sighting, store, headers);
		return;
	}
	if (meets_service(sighting, store, source, destination) ||
	    meets_source(sighting, store, source) || meets_source(sighting, store, destination) ||
	    meets_backend(sighting, store, destination, source))
		return;
	meets_backend(sighting, store, source, destination);
}

void sighting_make(struct sighting *sighting, const struct store *store,
		   const struct lb_trace *trace, __u64 time_ns)
{
	const struct lb_control *control = store->control;
	struct headers headers;

	*sighting = (struct sighting){.trace = trace, .time_ns = time_ns};
	if (!headers_read(&headers, trace->packet, trace->captured) || !headers.source.protocol)
		return;
	find_parties(sighting, store, &headers);
	if (sighting->service_id && sighting->service_id < control->max_services)
		sighting->service = &store->service[sighting->service_id];
	if (sighting->backend_id && sighting->backend_id < control->max_backends)
		sighting->backend = &store->backend[sighting->backend_id];
}

/* Are the first bits of both the same? */
static bool has_prefix(const __u64 address[2], const __u64 prefix[2], __u32 bits)
{
	const unsigned char *a = (const void *)address, *b = (const void *)prefix;
	__u32 bytes = bits / 8, rest = bits % 8;

	return !memcmp(a, b, bytes) && (!rest || !((a[bytes] ^ b[bytes]) >> (8 - rest)));
}

/* Who is not known by an endpoint may still be one of the packet's addresses. */
static bool is_of_client(const struct sighting *sighting, const struct sighting_filter *filter)
{
	struct headers headers;

	if (sighting->client.protocol)
		return has_prefix(sighting->client.address, filter->client, filter->client_bits);
	if (!headers_read(&headers, sighting->trace->packet, sighting->trace->captured))
		return false;
	return has_prefix(headers.source.address, filter->client, filter->client_bits) ||
	       has_prefix(headers.destination.address, filter->client, filter->client_bits);
}

bool sighting_passes(const struct sighting *sighting, const struct sighting_filter *filter)
{
	if (filter->service && sighting->service_id != filter->service)
		return false;
	if (filter->backend && sighting->backend_id != filter->backend)
		return false;
	return !filter->client_bits || is_of_client(sighting, filter);
}

static void want_address(struct lb_watch *watch, const __u64 address[2])
{
	__u64 hash = lb_address_hash(address);

	__atomic_or_fetch(&watch->addresses[LB_WATCH_WORD(hash)], 1ULL << LB_WATCH_BIT(hash),
			  __ATOMIC_RELAXED);
}

void sighting_tell(const struct sighting_filter *filter, const struct store *store,
		   struct lb_watch *watch)
{
	watch->client[0] = filter->client[0];
	watch->client[1] = filter->client[1];
	watch->client_bits = filter->client_bits;
	watch->outcomes = filter->outcomes;
	watch->sample = filter->sample;
	watch->by_address = filter->service != 0;
	if (!filter->service)
		return;
	want_address(watch, store->service[filter->service].address);
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store->backend[id].service == filter->service &&
		    (!filter->backend || filter->backend == id))
			want_address(watch, store->backend[id].address);
}
