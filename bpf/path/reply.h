/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replies, that is packets from a backend to a client: finds the service that the client uses.
 *
 * Several services may share a backend's endpoint. The flow table shows which of them the client
 * uses, if any. If the client connected to the backend directly, the backend's packets are not
 * translated.
 */
#ifndef BPF_PATH_REPLY_H
#define BPF_PATH_REPLY_H

#include "core/action.h"
#include "core/endpoints.h"
#include "flow/flow_state.h"
#include "flow/fragment_table.h"
#include "flow/pressure.h"
#include "forward/nat.h"
#include "forward/nexthop.h"
#include "observe/counters.h"
#include "select/select.h"

/* The backend that a reply comes from; id 0 if there is none. */
struct reply_match {
	__u32 id;
	bool is_alive; /* the lookup has its flow, which is alive */
};

#define MATCH_ALIVE (1U << 16) /* beside the id in a word of find_tracked_backend() */

/*
 * Searches a chain of backends for the one that has a nat flow with the client in the flow table.
 * Returns its id, with MATCH_ALIVE if the flow is alive; 0 if there is none. An expired flow still
 * gets late replies. If the reply begins a connection, the client's port has been reused, and
 * expired flows are deleted. Global function: verified once.
 */
__noinline __u32 find_tracked_backend(struct flow_lookup *lookup, __u32 id, __u32 next,
				      bool begins_flow)
{
	struct lb_bucket *bucket = lookup ? bucket_get(lookup->bucket) : NULL;
	struct endpoint_chain chain = {id, next};
	__u32 expired = 0;

	for (__u32 i = 0; i < LB_ENDPOINT_CHAIN_MAX && chain.id && bucket; i++) {
		struct lb_backend *backend = backend_get(chain.id);

		if (backend && flow_find(lookup, bucket, backend->service) &&
		    lb_flow_backend(lookup->data) == chain.id &&
		    lb_flow_forward(lookup->data) == LB_FORWARD_NAT) {
			if (lb_flow_alive(lookup->data, lookup->now))
				return MATCH_ALIVE | chain.id;
			if (begins_flow)
				flow_delete(lookup, bucket);
			else
				expired = chain.id;
		}
		chain = chain_next(chain);
	}
	return expired;
}

/* True if replies of the backend's new flows return through the balancer, as in nat mode. */
static __always_inline bool replies_by_nat(const struct lb_backend *backend)
{
	return lb_backend_forward(*(volatile __u32 *)&backend->flags) == LB_FORWARD_NAT;
}

/*
 * Searches a chain of backends for that of an untracked flow. It is the first that belongs to a
 * service without tracking, or that the client's hash selects if there may be untracked flows.
 * Returns its id, or 0. Global function: verified once, rarely called.
 */
__noinline __u32 find_untracked_backend(__u32 id, __u32 next, const struct select_key *client)
{
	struct endpoint_chain chain = {id, next};
	bool has_untracked;

	if (!client)
		return 0;
	has_untracked = pressure_has_untracked(client->now);
	for (__u32 i = 0; i < LB_ENDPOINT_CHAIN_MAX && chain.id; i++) {
		struct lb_backend *backend = backend_get(chain.id);

		if (backend && backend->flags & LB_BACKEND_PERSIST_NONE)
			return chain.id;
		if (backend && has_untracked && replies_by_nat(backend) &&
		    action_id(select_backend(backend->service, client, false)) == chain.id)
			return chain.id;
		chain = chain_next(chain);
	}
	return 0;
}

/* The endpoint of a flow's backend. */
struct backend_end {
	const __u64 *address;
	__u32 selector;
	struct endpoint_chain chain; /* of the backends at this endpoint */
};

static __always_inline struct endpoint_chain chain_on_all_ports(const struct backend_end *end)
{
	return chain_at(endpoint_lookup(end->address, lb_selector_all_ports(end->selector)));
}

static __always_inline struct reply_match match_of(__u32 word)
{
	return (struct reply_match){word & 0xffff, word & MATCH_ALIVE};
}

/*
 * Finds the backend of a client's flow at an endpoint: among the backends of that endpoint, then
 * among those of services on all ports. `lookup` has the client's bucket.
 */
static __always_inline struct reply_match find_reply_backend(struct flow_lookup *lookup,
							     const struct select_key *client,
							     const struct backend_end *end,
							     bool begins_flow)
{
	const struct lb_backend *first = backend_get(end->chain.id);
	struct endpoint_chain all = end->chain;
	__u32 found = 0;

	if (first && first->port) {
		found = find_tracked_backend(lookup, all.id, all.next, begins_flow);
		if (found)
			return match_of(found);
		all = chain_on_all_ports(end);
	}
	lookup->client = lb_flow_key_add_port(lookup->client, end->selector);
	found = find_tracked_backend(lookup, all.id, all.next, begins_flow);
	if (!found)
		found = find_untracked_backend(end->chain.id, end->chain.next, client);
	if (!found && all.id != end->chain.id)
		found = find_untracked_backend(all.id, all.next, client);
	return match_of(found);
}

/*
 * Finds the flow of a reply, and updates it; `id` and `next` are the chain of its endpoint. Returns
 * ACTION_RETURN, or ACTION_VERDICT if there is no such flow. Global function: verified once.
 */
__noinline __u64 reply_track(const struct packet *packet, __u32 id, __u32 next)
{
	const struct lb_backend *backend;
	struct backend_end end;
	struct flow_lookup lookup = {0};
	struct select_key client;
	struct reply_match match;

	if (!packet)
		return action_abort().word;
	flow_lookup(&lookup, packet, packet->destination, packet->destination_port);
	client = select_key_of(packet, packet->destination, lookup.hash);
	end = (struct backend_end){
		packet->source,
		packet_selector(packet, packet->source_port, LB_ROLE_BACKEND),
		{id, next},
	};
	match = find_reply_backend(&lookup, &client, &end, reply_begins_flow(packet));
	backend = match.id ? backend_get(match.id) : NULL;
	if (!backend)
		return action_verdict(LB_REPLY_UNKNOWN, XDP_PASS).word;
	if (match.is_alive)
		flow_track(&lookup, packet, backend, true);
	if (packet->fragment)
		fragment_record(packet, match.id, LB_FORWARD_NAT, true);
	return action_return(match.id, LB_REPLIED).word;
}

/*
 * Fast path of a common packet: the reply of a tracked flow that it does not change, to a client
 * with a cached next hop. `entry` is that of the backend's endpoint. Returns ACTION_VERDICT, or the
 * action for the slow path.
 */
static __always_inline struct action reply_fast(const struct packet *packet,
						const struct headers *headers, struct lb_cpu *cpu,
						const struct lb_endpoint_entry *entry)
{
	__u32 id = entry->id;
	struct lb_backend *backend = backend_get(id);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct return_path path;
	struct lb_bucket *bucket;
	struct flow_lookup lookup;
	struct nexthop nexthop;
	__u32 verdict;

	if (!service)
		return finish(cpu, LB_ABORTED, XDP_DROP);
	bucket = flow_lookup(&lookup, packet, packet->destination, packet->destination_port);
	path = return_path_of(headers, packet->destination, backend->service, packet->now);
	if (!ttl_allows(headers) || !flow_find(&lookup, bucket, backend->service) ||
	    lb_flow_backend(lookup.data) != id || lb_flow_forward(lookup.data) != LB_FORWARD_NAT ||
	    !flow_is_unchanged(&lookup, packet, backend) ||
	    !client_nexthop_is_fresh(cpu, &path, &nexthop))
		return action_indexed(action_of(ACTION_REPLY, id), entry->next);
	count_reply(cpu, id, ip_bytes(headers));
	nat_reply(headers, service, backend, service->port);
	verdict = egress_verdict(headers->ctx, &nexthop);
	if (verdict == XDP_PASS)
		return finish(cpu, LB_TO_STACK, XDP_PASS);
	mac_store(headers->ethernet, nexthop.dst_mac, nexthop.src_mac);
	return finish(cpu, LB_REPLIED, verdict);
}

#endif
