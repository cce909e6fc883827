/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connection tracking: how a packet changes its flow's entry, that is state, expiry,
 * LB_FLOW_COUNTED, and whether the flow is sampled.
 */
#ifndef BPF_FLOW_FLOW_STATE_H
#define BPF_FLOW_FLOW_STATE_H

#include "flow/flow_table.h"
#include "flow/latency_sampling.h"
#include "packet/packet.h"

/* With one-way forwarding, the client's next packet implies that the backend has answered. */
static __always_inline enum lb_flow_state state_after_request(enum lb_flow_state state,
							      enum lb_forward forward, __u8 flags)
{
	if (flags & TCP_RST)
		return LB_FLOW_CLOSED;
	if (flags & TCP_FIN) {
		if (state == LB_FLOW_NEW || state == LB_FLOW_BACKEND_FIN)
			return LB_FLOW_CLOSED;
		return state == LB_FLOW_CLOSED ? state : LB_FLOW_CLIENT_FIN;
	}
	if (flags & TCP_SYN)
		return state;
	if (state == LB_FLOW_ANSWERED || (state == LB_FLOW_NEW && is_one_way(forward)))
		return LB_FLOW_ESTABLISHED;
	return state;
}

static __always_inline enum lb_flow_state state_after_reply(enum lb_flow_state state, __u8 flags)
{
	if (flags & TCP_RST)
		return LB_FLOW_CLOSED;
	if (flags & TCP_FIN) {
		if (state == LB_FLOW_CLIENT_FIN || state == LB_FLOW_CLOSED)
			return LB_FLOW_CLOSED;
		return LB_FLOW_BACKEND_FIN;
	}
	return state == LB_FLOW_NEW ? LB_FLOW_ANSWERED : state;
}

/* True if the backend's response times are measured. */
static __always_inline bool is_timed(const struct lb_backend *backend)
{
	return unlikely(*(volatile __u32 *)&backend->flags & LB_BACKEND_TIMED);
}

/* True if the outcomes of the backend's new connections are counted. */
static __always_inline bool has_passive_check(const struct lb_backend *backend)
{
	return *(volatile __u32 *)&backend->flags & (LB_BACKEND_TIMED | LB_BACKEND_PASSIVE_CHECK);
}

/*
 * Ticks until the flow expires, to be written to its entry. A flow that may be sampled gets at most
 * UNSAMPLED_TICKS (17 s) more than the idle timeout, so that it soon updates its entry again. One
 * that was sampled leaves the slow path until the next tick.
 */
static __always_inline __u32 lease_for_state(const struct lb_backend *backend,
					     enum lb_flow_state before, enum lb_flow_state after)
{
	__u32 idle = lb_flow_idle(backend, after), lease = lb_flow_lease(idle);

	if (likely(!is_timed(backend)) || after != LB_FLOW_ESTABLISHED)
		return lease;
	if (before >= LB_FLOW_SAMPLED)
		return idle;
	return lease < idle + UNSAMPLED_TICKS ? lease : idle + UNSAMPLED_TICKS;
}

static __always_inline __u64 next_data(__u64 data, const struct flow_update *update,
				       const struct lb_backend *backend)
{
	enum lb_flow_state before = lb_flow_state(data), state;
	enum lb_forward forward = lb_flow_forward(data);
	__u64 counted = backend_is_counted(backend) ? LB_FLOW_COUNTED : data & LB_FLOW_COUNTED;

	state = update->is_reply ? state_after_reply(before, update->tcp_flags)
				 : state_after_request(before, forward, update->tcp_flags);
	if (state == LB_FLOW_ESTABLISHED || state >= LB_FLOW_SAMPLED)
		state = update->sampled_state;
	if (state == LB_FLOW_CLOSED)
		counted = 0;
	return counted | lb_flow_data(lb_flow_backend(data), state, forward, lb_flow_created(data),
				      update->now + lease_for_state(backend, before, state));
}

/*
 * Updates the flow's entry. Returns 0, or -1 in case of a bug. If a packet of the other direction
 * updates it at the same time, the CPU that fails tries again with the new data. So no update is
 * lost. Global function: verified once, rarely called.
 */
__noinline int flow_write(struct flow_update *update)
{
	struct lb_backend *backend;
	struct lb_bucket *bucket;
	struct lb_flow *flow;

	if (!update)
		return -1;
	bucket = bucket_get(update->bucket);
	backend = backend_get(update->backend);
	if (!bucket || !backend)
		return -1;
	flow = &bucket->flow[update->entry & (LB_BUCKET_FLOWS - 1)];
#pragma unroll /* Linux 6.1 refuses a loop that is entered in its middle */
	for (__u32 i = 0; i < 4; i++) {
		__u64 data = *(volatile __u64 *)&flow->data;
		__u64 next = next_data(data, update, backend);

		if (*(volatile __u64 *)&flow->key != update->key || next == data)
			break;
		if (__sync_val_compare_and_swap(&flow->data, data, next) == data) {
			load_update(data, next);
			break;
		}
	}
	return 0;
}

/*
 * The update that a packet makes to a flow with this key and data. The flow is sampled if response
 * times are measured, and while it opens if connection outcomes are counted.
 */
static __always_inline struct flow_update update_of(const struct packet *packet, __u64 key,
						    __u64 data, const struct lb_backend *backend,
						    bool is_reply)
{
	struct flow_update update = {
		.key = key,
		.now = packet->now,
		.backend = lb_flow_backend(data),
		.tcp_flags = packet->tcp_flags,
		.sampled_state = LB_FLOW_ESTABLISHED,
		.is_reply = is_reply,
		.has_payload = packet->has_payload,
		.is_one_way = is_one_way(lb_flow_forward(data)),
		.is_tcp = packet->is_tcp,
	};
	__u32 age;

	if (!has_passive_check(backend) ||
	    (!is_timed(backend) && !is_opening_state(lb_flow_state(data))))
		return update;
	update.is_timed = is_timed(backend);
	age = lb_flow_age(data, packet->now);
	update.sequence = packet->sequence;
	update.acknowledged = packet->acknowledged;
	update.age = age < AGE_MAX ? age : AGE_MAX;
	update.owner = load_owner(update.backend);
	update.sampled_state = sample_packet(&update, lb_flow_state(data));
	return update;
}

static __always_inline void flow_write_packet(const struct flow_lookup *lookup,
					      const struct packet *packet,
					      const struct lb_backend *backend, bool is_reply)
{
	struct flow_update update = update_of(packet, lookup->key, lookup->data, backend, is_reply);

	update.bucket = lookup->bucket;
	update.entry = lookup->entry;
	flow_write(&update);
}

/* Samples the first packet of a flow that has been inserted. */
static __always_inline void flow_sample_first(const struct packet *packet, __u64 key,
					      const struct target *target)
{
	if (has_passive_check(target->backend))
		sample_first_packet(key, target->id, packet->now,
				    (packet->is_tcp ? FIRST_IS_TCP : 0) |
					    (is_one_way(target->forward) ? FIRST_IS_ONE_WAY : 0) |
					    (is_timed(target->backend) ? FIRST_IS_TIMED : 0));
}

/* True if the packet changes the entry of its flow. */
static __always_inline bool needs_update(__u64 data, const struct packet *packet,
					 const struct lb_backend *backend, bool is_reply)
{
	enum lb_flow_state state = lb_flow_state(data);
	__u8 flags = packet->tcp_flags;
	enum lb_flow_state next =
		is_reply ? state_after_reply(state, flags)
			 : state_after_request(state, lb_flow_forward(data), flags);

	return next != state || state >= LB_FLOW_SAMPLED ||
	       needs_refresh(data, packet->now, lb_flow_idle(backend, state));
}

/* Updates the flow's state and expiry if the packet changes them. */
static __always_inline void flow_track(const struct flow_lookup *lookup,
				       const struct packet *packet,
				       const struct lb_backend *backend, bool is_reply)
{
	if (needs_update(lookup->data, packet, backend, is_reply))
		flow_write_packet(lookup, packet, backend, is_reply);
}

#endif
