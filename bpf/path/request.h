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
static __always_inline struct target flow_create(const struct flow_lookup *lookup,
						 struct lb_bucket *bucket,
						 const struct packet *packet, __u32 service,
						 bool is_tracked, enum lb_outcome *outcome)
{
	struct flow_victim victim = flow_select_victim(lookup, is_tracked);
	bool new_flow = request_begins_flow(packet) && victim.rank < FLOW_RANK_NEW;
	struct select_key select_key = select_key_of(packet, packet->source, lookup->hash);
	struct target target = select_target(service, &select_key, new_flow);
	bool ends = packet->tcp_flags & (TCP_FIN | TCP_RST);

	pressure_update(packet, victim.rank == FLOW_RANK_FREE);
	if (!target.backend)
		return target;
	if (flow_insert(lookup, &victim, bucket, &target, ends ? LB_FLOW_CLOSED : LB_FLOW_NEW)) {
		flow_sample_first(packet, lookup->key, &target);
		return target;
	}
	*outcome = LB_UNTRACKED;
	pressure_note_untracked(packet);
	return new_flow ? select_target(service, &select_key, false) : target;
}

/* Whom a flow that we have met is with, if that is still there. */
static __always_inline struct target flow_backend(const struct flow_lookup *lookup)
{
	__u32 id = lb_flow_backend(lookup->data);
	struct lb_backend *backend = backend_get(id);

	if (!backend || backend->flags & LB_BACKEND_MAINT)
		return (struct target){0};
	return (struct target){id, lb_flow_forward(lookup->data), backend};
}

/* The delivery of a packet; what follows a first fragment shall be delivered likewise. */
static __always_inline __u32 forward_to(const struct packet *packet, const struct target *target,
					enum lb_outcome outcome, bool is_new)
{
	if (packet->fragment)
		fragment_record(packet, target->id, target->forward, false);
	return forward_action(target, outcome, is_new);
}

static __always_inline bool flow_needs_reset(const struct flow_lookup *lookup,
					     const struct packet *packet)
{
	struct lb_backend *backend = backend_get(lb_flow_backend(lookup->data));

	return backend && reset_applies(backend, packet);
}

/* Of a service that remembers nothing of its clients: each packet is chosen for anew. */
static __always_inline __u32 request_persist_none(const struct flow_lookup *lookup,
						  const struct packet *packet, __u32 service)
{
	struct select_key select_key = select_key_of(packet, packet->source, lookup->hash);
	struct target target = select_target(service, &select_key, true);

	if (!target.backend)
		return finish(packet, LB_NO_BACKEND, XDP_DROP);
	return forward_to(packet, &target, LB_FORWARDED, false);
}

/*
 * A request that changes the flow memory, or that the memory does not know. Reads
 * the packet again: a function of its own leaves the processor's registers to the
 * straight way of all others. Its verdict, or its delivery, or ELSEWHERE if the memory does not know it and snat may (`try_snat`).
 */
__noinline __u32 request_track(struct xdp_md *ctx, __u32 service, bool try_snat)
{
	enum lb_outcome outcome = LB_FORWARDED;
	const struct lb_service *record = service_get(service);
	struct target target = {0};
	struct lb_bucket *bucket;
	struct flow_lookup lookup;
	struct packet packet;
	bool is_tracked;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (!record || packet_parse(&packet))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	bucket = flow_lookup(&lookup, &packet, packet.source, packet.source_port);
	if (record->persist == LB_PERSIST_NONE)
		return request_persist_none(&lookup, &packet, service);
	if (!record->port) /* on all of them */
		lookup.client = lb_flow_key_add_port(lookup.client, packet.destination_port);
	is_tracked = flow_find(&lookup, bucket, service);
	if (is_tracked)
		target = flow_backend(&lookup);
	if (is_tracked && flow_needs_reset(&lookup, &packet)) {
		flow_delete(&lookup, bucket);
		return ACTION_RESET;
	}
	if (target.backend && flow_continues(&lookup, &packet)) {
		flow_track(&lookup, &packet, target.backend, false);
		return forward_to(&packet, &target, LB_FORWARDED, false);
	}
	if (try_snat)
		return ACTION_TRY_NEXT;
	target = flow_create(&lookup, bucket, &packet, service, is_tracked, &outcome);
	if (!target.backend)
		return finish(&packet, target.id == BACKENDS_FULL ? LB_OVERLOADED : LB_NO_BACKEND,
			      XDP_DROP);
	return forward_to(&packet, &target, outcome, outcome != LB_UNTRACKED);
}

/* Has the service flows of snat, which the flow memory does not know? */
static __always_inline bool has_snat(__u32 id)
{
	struct lb_service *service = service_get(id);

	return service && service->snat_count;
}

/* Has its slot table something to say of flows that are not remembered? */
static __always_inline bool has_untracked_owners(__u32 id)
{
	struct lb_service *service = service_get(id);

	return service && service->handles_untracked;
}

/* By whichever memory knows the flow, and off to its backend; a function of its own. */
__noinline int request_slow(struct xdp_md *ctx, __u32 service)
{
	__u64 next = has_untracked_owners(service) ? stateless_slow(ctx, service) : 0;
	bool try_snat = has_snat(service) && !(next & ACTION_PREVIOUS_OWNER);

	if (!next || next & ACTION_PREVIOUS_OWNER)
		next = request_track(ctx, service, try_snat);
	if (next & ACTION_TRY_NEXT)
		next = snat_track(ctx, service);
	if (next & ACTION_TRY_NEXT)
		next = request_track(ctx, service, false);
	if (next & ACTION_FORWARD)
		return forward_packet(ctx, next);
	return next & ACTION_RESET ? tcp_reset(ctx) : (int)next;
}

/* A request of a flow that is turned away. */
static __always_inline int request_untracked(const struct packet *packet, __u32 service,
					     const struct flow_lookup *lookup)
{
	struct select_key select_key = select_key_of(packet, packet->source, lookup->hash);
	struct target target = select_target(service, &select_key, false);

	if (!target.backend)
		return finish(packet, LB_NO_BACKEND, XDP_DROP);
	if (target.forward == LB_FORWARD_SNAT)
		return verdict_of(request_slow(packet->ctx, service));
	pressure_note_untracked(packet);
	if (is_one_way(target.forward))
		return fast_or_forward(packet, lookup, &target, LB_UNTRACKED);
	return verdict_of(
		forward_packet(packet->ctx, forward_action(&target, LB_UNTRACKED, false)));
}

/* A known flow, of which nothing is to be written, but whose packet is not just translated. */
static __always_inline int request_oneway(const struct packet *packet, __u32 service,
					  const struct flow_lookup *lookup,
					  const struct target *target)
{
	if (!is_one_way(target->forward))
		return verdict_of(request_slow(packet->ctx, service));
	return fast_or_forward(packet, lookup, target, LB_FORWARDED);
}

/*
 * Most packets are of flows that go on as they did: nothing is written but counters. The
 * visit is to the bucket of the packet's client.
 */
static __always_inline int request(const struct packet *packet, __u32 service,
				   struct flow_lookup *lookup, struct lb_bucket *bucket)
{
	struct target target;
	struct nexthop nexthop;

	if (!ttl_allows(packet))
		return verdict_of(request_slow(packet->ctx, service));
	if ((pressure_fingerprint_first(packet) && !flow_may_exist(lookup)) ||
	    !flow_find(lookup, bucket, service))
		return pressure_skips_insert(packet)
			       ? request_untracked(packet, service, lookup)
			       : verdict_of(request_slow(packet->ctx, service));
	target = flow_backend(lookup);
	if (!target.backend || !flow_is_unchanged(lookup, packet, target.backend)) {
		if (flow_is_reused(lookup, packet))
			flow_delete(lookup, bucket);
		return verdict_of(request_slow(packet->ctx, service));
	}
	if (target.forward != LB_FORWARD_NAT)
		return request_oneway(packet, service, lookup, &target);
	if (!nexthop_is_fresh(target.backend, &nexthop, packet->now) ||
	    packet_bytes(packet) > nexthop.mtu)
		return verdict_of(request_slow(packet->ctx, service));
	count_request(packet, target.id, false);
	rewrite_to_backend(packet, target.backend);
	return send(packet, &nexthop, LB_FORWARDED);
}

#endif
