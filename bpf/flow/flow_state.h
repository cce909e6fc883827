/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet does to a flow that we have met: its state, its expiry, its part in
 * its backend's count, and whether it is listened to.
 */
#ifndef BPF_FLOW_FLOW_STATE_H
#define BPF_FLOW_FLOW_STATE_H

#include "flow/flow_table.h"
#include "flow/latency_sampling.h"

/* Who is answered past us has been answered when he goes on. */
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

/* Are its backend's answers timed? */
static __always_inline bool is_timed(const struct lb_backend *backend)
{
	return unlikely(*(volatile __u32 *)&backend->flags & LB_BACKEND_TIMED);
}

/* Is it counted what becomes of the beginnings of its flows? */
static __always_inline bool has_passive_check(const struct lb_backend *backend)
{
	return *(volatile __u32 *)&backend->flags & (LB_BACKEND_TIMED | LB_BACKEND_PASSIVE_CHECK);
}

/*
 * For how long is the flow's life written on? Of those that may be listened to only for 17 s
 * more than it must, and who was, goes straight until the next tick.
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
 * Writes what an event makes of the flow. A packet of the other direction may be
 * writing at the same time, and neither may be lost: the loser tries again with
 * what the winner wrote. A function of its own, verified once and seldom called.
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
#pragma unroll /* a loop that is entered in its middle is none to Linux 6.1 */
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

/* Of a flow with these words. Who is to be timed is listened to, who is checked at first. */
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
		.has_payload = packet_has_payload(packet),
		.is_one_way = is_one_way(lb_flow_forward(data)),
		.is_tcp = packet->is_tcp,
	};
	__u32 age;

	if (!has_passive_check(backend) ||
	    (!is_timed(backend) && !is_opening_state(lb_flow_state(data))))
		return update;
	update.is_timed = is_timed(backend);
	age = lb_flow_age(data, packet->now);
	if (packet->is_tcp) {
		update.sequence = bpf_ntohl(packet->tcp->seq) + packet_payload_bytes(packet);
		update.acknowledged = bpf_ntohl(packet->tcp->ack_seq);
	}
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

/* The first packet of a flow, which has been remembered. */
static __always_inline void flow_sample_first(const struct packet *packet, __u64 key,
					      const struct target *target)
{
	if (has_passive_check(target->backend))
		sample_first_packet(key, target->id, packet->now,
				    (packet->is_tcp ? FIRST_IS_TCP : 0) |
					    (is_one_way(target->forward) ? FIRST_IS_ONE_WAY : 0) |
					    (is_timed(target->backend) ? FIRST_IS_TIMED : 0));
}

/* Is anything to be written when a flow goes on with this packet? */
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

/* The flow goes on with this packet: its state and expiry are written if they change. */
static __always_inline void flow_track(const struct flow_lookup *lookup,
				       const struct packet *packet,
				       const struct lb_backend *backend, bool is_reply)
{
	if (needs_update(lookup->data, packet, backend, is_reply))
		flow_write_packet(lookup, packet, backend, is_reply);
}

#endif
