/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A backend's packet for a client: which service did the client speak to?
 */
#ifndef BPF_PATH_REPLY_H
#define BPF_PATH_REPLY_H

#include "core/endpoints.h"
#include "flow/flow_state.h"
#include "flow/fragment_table.h"
#include "flow/pressure.h"
#include "forward/forward.h"
#include "forward/nat.h"
#include "forward/nexthop.h"
#include "select/select.h"

/*
 * Whose reply is it? Several services may share a backend's endpoint; the flow's
 * memory tells which of them the client spoke to, and whether it spoke to one of
 * them at all: who speaks to the backend directly gets its answers untouched.
 *
 * Of the backends that share the endpoint, the id of the one whose flow with the
 * client is alive, else of one whose flow is over, for stragglers; 0 for none. A
 * reply that begins a connection (`begins`) is no straggler, and shows that the
 * client's port has gone on to something else: what is over is forgotten. Leaves
 * visit->key 0 unless the flow is alive. A function of its own, verified once.
 */
__noinline __u32 find_tracked_backend(struct flow_lookup *lookup, __u32 id, __u32 next, bool begins)
{
	struct lb_bucket *bucket = lookup ? bucket_get(lookup->bucket) : NULL;
	__u32 expired = 0;

	for (__u32 i = 0; i < LB_ENDPOINT_CHAIN_MAX && id && bucket; i++) {
		struct lb_endpoint_entry *entry = NULL;
		struct lb_backend *backend = backend_get(id);

		if (backend && flow_find(lookup, bucket, backend->service) &&
		    lb_flow_backend(lookup->data) == id &&
		    lb_flow_forward(lookup->data) == LB_FORWARD_NAT) {
			if (lb_flow_alive(lookup->data, lookup->now))
				return id;
			if (begins)
				flow_delete(lookup, bucket);
			else
				expired = id;
		}
		if (next)
			entry = endpoint_get(next);
		id = entry ? entry->id : 0;
		next = entry ? entry->next : 0;
	}
	if (lookup)
		lookup->key = 0;
	return expired;
}

/* Do the answers of a backend's next flows come to us as those of nat? */
static __always_inline bool replies_by_nat(const struct lb_backend *backend)
{
	return lb_backend_forward(*(volatile __u32 *)&backend->flags) == LB_FORWARD_NAT;
}

/*
 * Of the backends that share the endpoint, the first whose service remembers nobody, or, if
 * there may be `strangers` whom it could not remember, that the hash gives the client
 * to; 0 for none. A function of its own, verified once and seldom called.
 */
__noinline __u32 find_untracked_backend(__u32 id, __u32 next, const struct select_key *client,
					bool has_untracked)
{
	for (__u32 i = 0; i < LB_ENDPOINT_CHAIN_MAX && id; i++) {
		struct lb_endpoint_entry *entry = NULL;
		struct lb_backend *backend = backend_get(id);

		if (backend && backend->flags & LB_BACKEND_PERSIST_NONE)
			return id;
		if (backend && has_untracked && replies_by_nat(backend) &&
		    select_or_spill(backend->service, client, false) == id)
			return id;
		if (next)
			entry = endpoint_get(next);
		id = entry ? entry->id : 0;
		next = entry ? entry->next : 0;
	}
	return 0;
}

/* The backends that share an endpoint: where they stand in the directory. */
struct endpoint_chain {
	__u32 id;
	__u32 next;
};

static __always_inline struct endpoint_chain chain_on_all_ports(const __u64 address[2],
								__u32 selector)
{
	const struct lb_endpoint_entry *entry =
		endpoint_lookup_exact(address, lb_selector_all_ports(selector));

	return entry ? (struct endpoint_chain){entry->id, entry->next} : (struct endpoint_chain){0};
}

/*
 * Which backend it is that a client speaks with at an endpoint, whose sharers are given: one of
 * them, or one that a service on all ports has at that address. As find_tracked_backend().
 */
static __always_inline __u32 find_reply_backend(struct flow_lookup *lookup,
						const struct select_key *client,
						const __u64 address[2], __u32 selector,
						struct endpoint_chain endpoint_chain, bool begins,
						bool has_untracked)
{
	const struct lb_backend *first = backend_get(endpoint_chain.id);
	struct endpoint_chain all = endpoint_chain;
	__u32 found = 0;

	if (first && first->port) {
		found = find_tracked_backend(lookup, endpoint_chain.id, endpoint_chain.next,
					     begins);
		if (found)
			return found;
		all = chain_on_all_ports(address, selector);
	}
	lookup->client = lb_flow_key_add_port(lookup->client, selector);
	found = find_tracked_backend(lookup, all.id, all.next, begins);
	if (!found)
		found = find_untracked_backend(endpoint_chain.id, endpoint_chain.next, client,
					       has_untracked);
	if (!found && all.id != endpoint_chain.id)
		found = find_untracked_backend(all.id, all.next, client, has_untracked);
	return found;
}

/*
 * Whose reply it is, which may change the flow memory; `id` and `next` are of the endpoint's
 * entry. The backend's id with the mark of a delivery, or a verdict. Reads the packet again,
 * as request_track().
 */
__noinline __u32 reply_track(struct xdp_md *ctx, __u32 id, __u32 next)
{
	const struct lb_backend *backend;
	struct flow_lookup lookup;
	struct packet packet;
	struct select_key client;
	__u32 found;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse(&packet))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	flow_lookup(&lookup, &packet, packet.destination, packet.destination_port);
	client = select_key_of(&packet, packet.destination, lookup.hash);
	found = find_reply_backend(&lookup, &client, packet.source,
				   packet_selector(&packet, packet.source_port, LB_ROLE_BACKEND),
				   (struct endpoint_chain){id, next}, reply_begins_flow(&packet),
				   pressure_has_untracked(&packet));
	backend = found ? backend_get(found) : NULL;
	if (backend && lookup.key)
		flow_track(&lookup, &packet, backend, true);
	return found ? ACTION_FORWARD | found : finish(&packet, LB_REPLY_UNKNOWN, XDP_PASS);
}

/* Off it goes to its client, from the service of the backend with this id. */
__noinline int reply_forward(struct xdp_md *ctx, __u32 id)
{
	const struct lb_backend *backend = backend_get(id);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct packet packet;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (!service || packet_parse(&packet))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	if (!ttl_allows(&packet))
		return finish(&packet, LB_TTL_EXPIRED, XDP_DROP);
	if (packet.fragment)
		fragment_record(&packet, id, LB_FORWARD_NAT, true);
	count_reply_bounded(&packet, id);
	rewrite_to_client(&packet, service, backend);
	restore_port(&packet, service, true);
	return send_to_client(&packet, backend->service, LB_REPLIED);
}

static __always_inline int reply_slow(struct xdp_md *ctx, __u32 id, __u32 next)
{
	__u32 action = reply_track(ctx, id, next);

	return action & ACTION_FORWARD ? reply_forward(ctx, action & 0xffff) : action;
}

/* Most replies are of flows that go on as they did, to clients that just had one. */
static __always_inline int reply(const struct packet *packet, __u32 id, __u32 next)
{
	struct lb_backend *backend = backend_get(id);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct lb_bucket *bucket;
	struct flow_lookup lookup;
	struct nexthop nexthop;

	if (!service)
		return finish(packet, LB_ABORTED, XDP_DROP);
	bucket = flow_lookup(&lookup, packet, packet->destination, packet->destination_port);
	if (!ttl_allows(packet) || !flow_find(&lookup, bucket, backend->service) ||
	    lb_flow_backend(lookup.data) != id || lb_flow_forward(lookup.data) != LB_FORWARD_NAT ||
	    !flow_is_unchanged(&lookup, packet, backend) ||
	    !client_nexthop_is_fresh(packet, backend->service, &nexthop))
		return verdict_of(reply_slow(packet->ctx, id, next));
	count_reply(packet, id);
	rewrite_to_client(packet, service, backend);
	return send(packet, &nexthop, LB_REPLIED);
}

#endif
