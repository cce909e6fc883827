/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client's packet for a service: have we met its flow? who shall have it?
 */
#ifndef BPF_PATH_REQUEST_H
#define BPF_PATH_REQUEST_H

#include "flow/flow_state.h"
#include "flow/fragment_table.h"
#include "flow/pressure.h"
#include "forward/encap_fast.h"
#include "forward/forward.h"
#include "forward/nat.h"
#include "forward/nexthop.h"
#include "forward/tcp_reset.h"
#include "path/snat.h"
#include "path/stateless_slow.h"
#include "select/select.h"

/*
 * Chooses a backend for a flow that we have not met, and remembers it. What does
 * not begin a flow goes by hash: its flow may have begun at another balancer, or
 * been forgotten, and the hash is what all that have no memory agree on.
 */
static __always_inline struct target welcome(const struct flow_visit *visit,
					     struct lb_bucket *bucket, const struct packet *packet,
					     __u32 service, bool is_known, enum lb_outcome *outcome)
{
	struct flow_room room = flow_make_room(visit, is_known);
	bool anew = packet_begins_flow(packet) && room.rank < FLOW_RANK_NEW;
	struct asker asker = asker_of(packet, packet->source, visit->hash);
	struct target target = choose(service, &asker, anew);
	bool ends = packet->tcp_flags & (TCP_FIN | TCP_RST);

	crowd_note(packet, room.rank == FLOW_RANK_OVER);
	if (!target.backend)
		return target;
	if (flow_remember(visit, &room, bucket, &target, ends ? LB_FLOW_CLOSED : LB_FLOW_NEW)) {
		flow_begins(packet, visit->key, &target);
		return target;
	}
	*outcome = LB_UNREMEMBERED;
	crowd_note_stranger(packet);
	return anew ? choose(service, &asker, false) : target;
}

/* Whom a flow that we have met is with, if that is still there. */
static __always_inline struct target find_again(const struct flow_visit *visit)
{
	__u32 id = lb_flow_backend(visit->data);
	struct lb_backend *backend = backend_get(id);

	if (!backend || backend->flags & LB_BACKEND_MAINT)
		return (struct target){0};
	return (struct target){id, lb_flow_forward(visit->data), backend};
}

/* The delivery of a packet; what follows a first fragment shall be delivered likewise. */
static __always_inline __u32 deliver_to(const struct packet *packet, const struct target *target,
					enum lb_outcome outcome, bool is_new)
{
	if (packet->fragment)
		fragment_note(packet, target->id, target->forward, false);
	return delivery(target, outcome, is_new);
}

static __always_inline bool ends_by_reset(const struct flow_visit *visit,
					  const struct packet *packet)
{
	struct lb_backend *backend = backend_get(lb_flow_backend(visit->data));

	return backend && is_to_be_reset(backend, packet);
}

/* Of a service that remembers nothing of its clients: each packet is chosen for anew. */
static __always_inline __u32 note_forgotten(const struct flow_visit *visit,
					    const struct packet *packet, __u32 service)
{
	struct asker asker = asker_of(packet, packet->source, visit->hash);
	struct target target = choose(service, &asker, true);

	if (!target.backend)
		return leave(packet, LB_NO_BACKEND, XDP_DROP);
	return deliver_to(packet, &target, LB_FORWARDED, false);
}

/*
 * A request that changes the flow memory, or that the memory does not know. Reads
 * the packet again: a function of its own leaves the processor's registers to the
 * straight way of all others. Its verdict, or its delivery, or ELSEWHERE if the memory does not know it and snat may (`is_translated`).
 */
__noinline __u32 note_request(struct xdp_md *ctx, __u32 service, bool is_translated)
{
	enum lb_outcome outcome = LB_FORWARDED;
	const struct lb_service *record = service_get(service);
	struct target target = {0};
	struct lb_bucket *bucket;
	struct flow_visit visit;
	struct packet packet;
	bool is_known;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (!record || packet_parse(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	bucket = flow_visit(&visit, &packet, packet.source, packet.source_port);
	if (record->persist == LB_PERSIST_NONE)
		return note_forgotten(&visit, &packet, service);
	if (!record->port) /* on all of them */
		visit.client = lb_flow_key_at(visit.client, packet.destination_port);
	is_known = flow_find(&visit, bucket, service);
	if (is_known)
		target = find_again(&visit);
	if (is_known && ends_by_reset(&visit, &packet)) {
		flow_forget(&visit, bucket);
		return TO_RESET;
	}
	if (target.backend && flow_goes_on(&visit, &packet)) {
		flow_goes_on_with(&visit, &packet, target.backend, false);
		return deliver_to(&packet, &target, LB_FORWARDED, false);
	}
	if (is_translated)
		return ELSEWHERE;
	target = welcome(&visit, bucket, &packet, service, is_known, &outcome);
	if (!target.backend)
		return leave(&packet, target.id == NOBODY_FREE ? LB_OVERLOADED : LB_NO_BACKEND,
			     XDP_DROP);
	return deliver_to(&packet, &target, outcome, outcome != LB_UNREMEMBERED);
}

/* Has the service flows of snat, which the flow memory does not know? */
static __always_inline bool has_sources(__u32 id)
{
	struct lb_service *service = service_get(id);

	return service && service->source_count;
}

/* Has its slot table something to say of flows that are not remembered? */
static __always_inline bool is_steady(__u32 id)
{
	struct lb_service *service = service_get(id);

	return service && service->steady;
}

/* By whichever memory knows the flow, and off to its backend; a function of its own. */
__noinline int request_noted(struct xdp_md *ctx, __u32 service)
{
	__u64 next = is_steady(service) ? note_steady(ctx, service) : 0;
	bool is_translated = has_sources(service) && !(next & STAYS);

	if (!next || next & STAYS)
		next = note_request(ctx, service, is_translated);
	if (next & ELSEWHERE)
		next = note_translated(ctx, service);
	if (next & ELSEWHERE)
		next = note_request(ctx, service, false);
	if (next & DELIVERY)
		return deliver(ctx, next);
	return next & TO_RESET ? reset(ctx) : (int)next;
}

/* A request of a flow that is turned away. */
static __always_inline int request_unremembered(const struct packet *packet, __u32 service,
						const struct flow_visit *visit)
{
	struct asker asker = asker_of(packet, packet->source, visit->hash);
	struct target target = choose(service, &asker, false);

	if (!target.backend)
		return leave(packet, LB_NO_BACKEND, XDP_DROP);
	if (target.forward == LB_FORWARD_SNAT)
		return verdict_of(request_noted(packet->ctx, service));
	crowd_note_stranger(packet);
	if (is_one_way(target.forward))
		return carry_or_deliver(packet, visit, &target, LB_UNREMEMBERED);
	return verdict_of(deliver(packet->ctx, delivery(&target, LB_UNREMEMBERED, false)));
}

/* A known flow, of which nothing is to be written, but whose packet is not just translated. */
static __always_inline int request_otherwise(const struct packet *packet, __u32 service,
					     const struct flow_visit *visit,
					     const struct target *target)
{
	if (!is_one_way(target->forward))
		return verdict_of(request_noted(packet->ctx, service));
	return carry_or_deliver(packet, visit, target, LB_FORWARDED);
}

/*
 * Most packets are of flows that go on as they did: nothing is written but counters. The
 * visit is to the bucket of the packet's client.
 */
static __always_inline int request(const struct packet *packet, __u32 service,
				   struct flow_visit *visit, struct lb_bucket *bucket)
{
	struct target target;
	struct hop hop;

	if (!packet_may_travel(packet))
		return verdict_of(request_noted(packet->ctx, service));
	if ((crowd_is_wary(packet) && !flow_may_be_known(visit)) ||
	    !flow_find(visit, bucket, service))
		return crowd_turns_away(packet) ? request_unremembered(packet, service, visit)
						: verdict_of(request_noted(packet->ctx, service));
	target = find_again(visit);
	if (!target.backend || !flow_is_steady(visit, packet, target.backend)) {
		if (flow_is_reused(visit, packet))
			flow_forget(visit, bucket);
		return verdict_of(request_noted(packet->ctx, service));
	}
	if (target.forward != LB_FORWARD_NAT)
		return request_otherwise(packet, service, visit, &target);
	if (!hop_is_fresh(target.backend, &hop, packet->now) || packet_bytes(packet) > hop.mtu)
		return verdict_of(request_noted(packet->ctx, service));
	count_request(packet, target.id, false);
	rewrite_to_backend(packet, target.backend);
	return send(packet, &hop, LB_FORWARDED);
}

#endif
