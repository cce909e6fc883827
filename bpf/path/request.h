/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests, that is packets from a client to a service: finds the flow, or selects a backend for a
 * new one.
 */
#ifndef BPF_PATH_REQUEST_H
#define BPF_PATH_REQUEST_H

#include "core/action.h"
#include "flow/flow_state.h"
#include "flow/fragment_table.h"
#include "flow/pressure.h"
#include "forward/forward_fast.h"
#include "forward/tcp_reset.h"
#include "path/snat.h"
#include "path/stateless_slow.h"
#include "select/select.h"

/* The backend of the flow that was found; none if it is in maintenance. */
static __always_inline struct target flow_backend(const struct flow_lookup *lookup)
{
	__u32 id = lb_flow_backend(lookup->data);
	struct lb_backend *backend = backend_get(id);

	if (!backend || backend->flags & LB_BACKEND_MAINT)
		return (struct target){0};
	return (struct target){id, lb_flow_forward(lookup->data), backend};
}

/* Selects a backend by hash for a packet that stays untracked. */
static __always_inline struct action select_untracked(__u32 service,
						      const struct select_key *select_key)
{
	struct action selected = select_backend(service, select_key, false);

	if (!action_is(selected, ACTION_FORWARD))
		return selected;
	return action_forward(action_id(selected), action_mode(selected), LB_UNTRACKED);
}

/*
 * Selects a backend for a flow that is not in the table, and inserts the flow. For a packet that
 * does not begin a flow, the hash selects. Its flow may have begun at another balancer, or been
 * evicted; all balancers agree on the hash. Returns ACTION_FORWARD, or ACTION_VERDICT if there is
 * no backend.
 */
static __always_inline struct action flow_create(const struct flow_lookup *lookup,
						 struct lb_bucket *bucket,
						 const struct packet *packet, struct lb_cpu *cpu,
						 __u32 service, bool is_tracked)
{
	struct flow_victim victim = flow_select_victim(lookup, is_tracked);
	bool new_flow = request_begins_flow(packet) && victim.rank < FLOW_RANK_NEW;
	bool ends = packet->tcp_flags & (TCP_FIN | TCP_RST);
	struct select_key select_key = select_key_of(packet, packet->source, lookup->hash);
	struct action selected = select_backend(service, &select_key, new_flow);
	struct target target = target_of(selected);

	pressure_update(cpu, packet->now, victim.rank == FLOW_RANK_FREE);
	if (!target.backend)
		return selected;
	if (flow_insert(lookup, &victim, bucket, &target, ends ? LB_FLOW_CLOSED : LB_FLOW_NEW)) {
		flow_sample_first(packet, lookup->key, &target);
		return action_new_flow(selected, true);
	}
	pressure_note_untracked(packet->now);
	if (new_flow)
		return select_untracked(service, &select_key);
	return action_forward(target.id, target.forward, LB_UNTRACKED);
}

static __always_inline bool flow_needs_reset(const struct flow_lookup *lookup,
					     const struct packet *packet)
{
	struct lb_backend *backend = backend_get(lb_flow_backend(lookup->data));

	return backend && reset_applies(backend, packet);
}

/* What a search of the flow table does. */
enum flow_search {
	FLOW_FIND, /* else return ACTION_CONTINUE: the flow may have a SNAT port */
	FLOW_FIND_OR_SELECT, /* else select a backend */
	FLOW_SELECT, /* the flow is known not to be in the table */
};

/*
 * Finds the flow of a request in the flow table, and updates or creates it. Returns ACTION_FORWARD,
 * ACTION_RESET, ACTION_CONTINUE, or ACTION_VERDICT if there is no backend. Global function: it
 * leaves the CPU's registers to the fast path.
 */
__noinline __u64 request_track(const struct packet *packet, __u32 service, enum flow_search search)
{
	const struct lb_service *record = service_get(service);
	struct lb_cpu *cpu = this_cpu();
	struct select_key select_key;
	struct target target = {0};
	struct flow_lookup lookup;
	struct lb_bucket *bucket;
	bool is_tracked;

	if (!record || !cpu || !packet)
		return action_abort().word;
	bucket = flow_lookup(&lookup, packet, packet->source, packet->source_port);
	if (record->persist == LB_PERSIST_NONE) {
		select_key = select_key_of(packet, packet->source, lookup.hash);
		return select_backend(service, &select_key, true).word;
	}
	if (!record->port)
		lookup.client = lb_flow_key_add_port(lookup.client, packet->destination_port);
	lookup.key = lookup.client | service;
	is_tracked = search != FLOW_SELECT && flow_find(&lookup, bucket, service);
	if (is_tracked)
		target = flow_backend(&lookup);
	if (is_tracked && flow_needs_reset(&lookup, packet)) {
		flow_delete(&lookup, bucket);
		return action_of(ACTION_RESET, 0).word;
	}
	if (target.backend && flow_continues(&lookup, packet)) {
		flow_track(&lookup, packet, target.backend, false);
		return action_forward(target.id, target.forward, LB_FORWARDED).word;
	}
	if (search == FLOW_FIND)
		return action_of(ACTION_CONTINUE, 0).word;
	return flow_create(&lookup, bucket, packet, cpu, service, is_tracked).word;
}

/* Records the destination of a first fragment, for the later ones. */
static __always_inline void request_record_fragment(const struct packet *packet,
						    struct action action)
{
	if (!packet->fragment || !action_is(action, ACTION_FORWARD))
		return;
	if (action_index(action))
		fragment_record_snat(packet, action_id(action), action_index(action), false);
	else
		fragment_record(packet, action_id(action), action_mode(action), false);
}

/*
 * Finds or creates the flow of a request in whichever table it belongs to: slot table, flow table,
 * SNAT ports. Returns ACTION_FORWARD, ACTION_RESET or ACTION_VERDICT.
 */
__noinline __u64 request_action(const struct packet *packet, __u32 id, enum flow_search search)
{
	struct lb_service *service = service_get(id);
	struct action action = action_of(ACTION_CONTINUE, 0);

	if (!packet || !service)
		return action_abort().word;
	if (service->handles_untracked)
		action.word = stateless_action(packet, id);
	if (service->snat_count && action_is(action, ACTION_CONTINUE)) {
		if (search != FLOW_SELECT)
			action.word = request_track(packet, id, FLOW_FIND);
		search = FLOW_SELECT;
		if (action_is(action, ACTION_CONTINUE))
			action.word = snat_track(packet, id);
	}
	if (action_is(action, ACTION_CONTINUE) || action_is(action, ACTION_SKIP_SNAT))
		action.word = request_track(packet, id, search);
	request_record_fragment(packet, action);
	return action.word;
}

/* Fast path of an untracked packet, if its flow is not inserted because of pressure. */
static __always_inline struct action request_untracked(const struct packet *packet,
						       struct headers *headers, struct lb_cpu *cpu,
						       __u32 service,
						       const struct flow_lookup *lookup)
{
	struct select_key select_key = select_key_of(packet, packet->source, lookup->hash);
	struct action selected = select_backend(service, &select_key, false);
	struct egress egress = {
		.target = target_of(selected),
		.outcome = LB_UNTRACKED,
		.hash = lookup->hash,
	};

	if (!egress.target.backend)
		return finish(cpu, action_outcome(selected), XDP_DROP);
	if (egress.target.forward == LB_FORWARD_SNAT)
		return action_of(ACTION_REQUEST, service);
	pressure_note_untracked(packet->now);
	return forward_fast(packet, headers, cpu, &egress);
}

/*
 * Fast path of a common packet: its flow is tracked, and only counters change. The lookup has the
 * client's bucket. Returns ACTION_VERDICT, or the action for the slow path.
 */
static __always_inline struct action request_fast(const struct packet *packet,
						  struct headers *headers, struct lb_cpu *cpu,
						  __u32 service, struct flow_lookup *lookup,
						  struct lb_bucket *bucket)
{
	struct action slow = action_of(ACTION_REQUEST, service);
	struct egress egress = {.outcome = LB_FORWARDED, .hash = lookup->hash};

	if (!ttl_allows(headers))
		return slow;
	if ((pressure_fingerprint_first(cpu) && !flow_may_exist(lookup)) ||
	    !flow_find(lookup, bucket, service))
		return pressure_skips_insert(cpu, packet->now)
			       ? request_untracked(packet, headers, cpu, service, lookup)
			       : action_new_flow(slow, true);
	egress.target = flow_backend(lookup);
	if (!egress.target.backend || !flow_is_unchanged(lookup, packet, egress.target.backend)) {
		if (flow_is_reused(lookup, packet))
			flow_delete(lookup, bucket);
		return slow;
	}
	return forward_fast(packet, headers, cpu, &egress);
}

#endif
