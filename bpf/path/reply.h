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
__noinline __u32 find_asked(struct flow_visit *visit, __u32 id, __u32 next, bool begins)
{
	struct lb_bucket *bucket = visit ? bucket_get(visit->bucket) : NULL;
	__u32 straggler = 0;

	for (__u32 i = 0; i < LB_SHARERS_MAX && id && bucket; i++) {
		struct lb_directory_entry *entry = NULL;
		struct lb_backend *backend = backend_get(id);

		if (backend && flow_find(visit, bucket, backend->service) &&
		    lb_flow_backend(visit->data) == id &&
		    lb_flow_forward(visit->data) == LB_FORWARD_NAT) {
			if (lb_flow_alive(visit->data, visit->now))
				return id;
			if (begins)
				flow_forget(visit, bucket);
			else
				straggler = id;
		}
		if (next)
			entry = directory_get(next);
		id = entry ? entry->id : 0;
		next = entry ? entry->next : 0;
	}
	if (visit)
		visit->key = 0;
	return straggler;
}

/* Do the answers of a backend's next flows come to us as those of nat? */
static __always_inline bool answers_by_nat(const struct lb_backend *backend)
{
	return lb_backend_forward(*(volatile __u32 *)&backend->flags) == LB_FORWARD_NAT;
}

/*
 * Of the backends that share the endpoint, the first whose service remembers nobody, or, if
 * there may be `strangers` whom it could not remember, that the hash gives the client
 * to; 0 for none. A function of its own, verified once and seldom called.
 */
__noinline __u32 find_unremembered(__u32 id, __u32 next, const struct asker *client, bool strangers)
{
	for (__u32 i = 0; i < LB_SHARERS_MAX && id; i++) {
		struct lb_directory_entry *entry = NULL;
		struct lb_backend *backend = backend_get(id);

		if (backend && backend->flags & LB_BACKEND_PUBLIC)
			return id;
		if (backend && strangers && answers_by_nat(backend) &&
		    choose_or_spill(backend->service, client, false) == id)
			return id;
		if (next)
			entry = directory_get(next);
		id = entry ? entry->id : 0;
		next = entry ? entry->next : 0;
	}
	return 0;
}

/* The backends that share an endpoint: where they stand in the directory. */
struct sharers {
	__u32 id;
	__u32 next;
};

static __always_inline struct sharers sharers_on_all_ports(const __u64 address[2], __u32 selector)
{
	const struct lb_directory_entry *entry =
		directory_find(address, lb_selector_all_ports(selector));

	return entry ? (struct sharers){entry->id, entry->next} : (struct sharers){0};
}

/*
 * Which backend it is that a client speaks with at an endpoint, whose sharers are given: one of
 * them, or one that a service on all ports has at that address. As find_asked().
 */
static __always_inline __u32 find_partner(struct flow_visit *visit, const struct asker *client,
					  const __u64 address[2], __u32 selector,
					  struct sharers sharers, bool begins, bool strangers)
{
	const struct lb_backend *first = backend_get(sharers.id);
	struct sharers all = sharers;
	__u32 found = 0;

	if (first && first->port) {
		found = find_asked(visit, sharers.id, sharers.next, begins);
		if (found)
			return found;
		all = sharers_on_all_ports(address, selector);
	}
	visit->client = lb_flow_key_at(visit->client, selector);
	found = find_asked(visit, all.id, all.next, begins);
	if (!found)
		found = find_unremembered(sharers.id, sharers.next, client, strangers);
	if (!found && all.id != sharers.id)
		found = find_unremembered(all.id, all.next, client, strangers);
	return found;
}

/*
 * Whose reply it is, which may change the flow memory; `id` and `next` are of the endpoint's
 * entry. The backend's id with the mark of a delivery, or a verdict. Reads the packet again,
 * as note_request().
 */
__noinline __u32 note_reply(struct xdp_md *ctx, __u32 id, __u32 next)
{
	const struct lb_backend *backend;
	struct flow_visit visit;
	struct packet packet;
	struct asker client;
	__u32 found;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	flow_visit(&visit, &packet, packet.destination, packet.destination_port);
	client = asker_of(&packet, packet.destination, visit.hash);
	found = find_partner(&visit, &client, packet.source,
			     packet_selector(&packet, packet.source_port, LB_ROLE_BACKEND),
			     (struct sharers){id, next}, reply_begins_flow(&packet),
			     crowd_has_strangers(&packet));
	backend = found ? backend_get(found) : NULL;
	if (backend && visit.key)
		flow_goes_on_with(&visit, &packet, backend, true);
	return found ? DELIVERY | found : leave(&packet, LB_REPLY_UNKNOWN, XDP_PASS);
}

/* Off it goes to its client, from the service of the backend with this id. */
__noinline int send_home(struct xdp_md *ctx, __u32 id)
{
	const struct lb_backend *backend = backend_get(id);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct packet packet;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (!service || packet_parse(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	if (!packet_may_travel(&packet))
		return leave(&packet, LB_TTL_EXPIRED, XDP_DROP);
	if (packet.fragment)
		fragment_note(&packet, id, LB_FORWARD_NAT, true);
	count_answered(&packet, id);
	rewrite_to_client(&packet, service, backend);
	keep_port(&packet, service, true);
	return send_to_client(&packet, backend->service, LB_REPLIED);
}

static __always_inline int reply_noted(struct xdp_md *ctx, __u32 id, __u32 next)
{
	__u32 whose = note_reply(ctx, id, next);

	return whose & DELIVERY ? send_home(ctx, whose & 0xffff) : whose;
}

/* Most replies are of flows that go on as they did, to clients that just had one. */
static __always_inline int reply(const struct packet *packet, __u32 id, __u32 next)
{
	struct lb_backend *backend = backend_get(id);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct lb_bucket *bucket;
	struct flow_visit visit;
	struct hop hop;

	if (!service)
		return leave(packet, LB_ABORTED, XDP_DROP);
	bucket = flow_visit(&visit, packet, packet->destination, packet->destination_port);
	if (!packet_may_travel(packet) || !flow_find(&visit, bucket, backend->service) ||
	    lb_flow_backend(visit.data) != id || lb_flow_forward(visit.data) != LB_FORWARD_NAT ||
	    !flow_is_steady(&visit, packet, backend) ||
	    !way_is_fresh(packet, backend->service, &hop))
		return verdict_of(reply_noted(packet->ctx, id, next));
	count_reply(packet, id);
	rewrite_to_client(packet, service, backend);
	return send(packet, &hop, LB_REPLIED);
}

#endif
