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
static __always_inline bool is_checked(const struct lb_backend *backend)
{
	return *(volatile __u32 *)&backend->flags & (LB_BACKEND_TIMED | LB_BACKEND_CHECKED);
}

/*
 * For how long is the flow's life written on? Of those that may be listened to only for 17 s
 * more than it must, and who was, goes straight until the next tick.
 */
static __always_inline __u32 lease_after(const struct lb_backend *backend,
					 enum lb_flow_state before, enum lb_flow_state after)
{
	__u32 idle = lb_flow_idle(backend, after), lease = lb_flow_lease(idle);

	if (likely(!is_timed(backend)) || after != LB_FLOW_ESTABLISHED)
		return lease;
	if (before >= LB_FLOW_LISTENED)
		return idle;
	return lease < idle + UNHEARD_TICKS ? lease : idle + UNHEARD_TICKS;
}

static __always_inline __u64 data_after(__u64 data, const struct flow_event *event,
					const struct lb_backend *backend)
{
	enum lb_flow_state before = lb_flow_state(data), state;
	enum lb_forward forward = lb_flow_forward(data);
	__u64 mark = load_is_wanted(backend) ? LB_FLOW_COUNTED : data & LB_FLOW_COUNTED;

	state = event->is_reply ? state_after_reply(before, event->tcp_flags)
				: state_after_request(before, forward, event->tcp_flags);
	if (state == LB_FLOW_ESTABLISHED || state >= LB_FLOW_LISTENED)
		state = event->listened;
	if (state == LB_FLOW_CLOSED)
		mark = 0;
	return mark | lb_flow_data(lb_flow_backend(data), state, forward, lb_flow_created(data),
				   event->now + lease_after(backend, before, state));
}

/*
 * Writes what an event makes of the flow. A packet of the other direction may be
 * writing at the same time, and neither may be lost: the loser tries again with
 * what the winner wrote. A function of its own, verified once and seldom called.
 */
__noinline int flow_write(struct flow_event *event)
{
	struct lb_backend *backend;
	struct lb_bucket *bucket;
	struct lb_flow *flow;

	if (!event)
		return -1;
	bucket = bucket_get(event->bucket);
	backend = backend_get(event->backend);
	if (!bucket || !backend)
		return -1;
	flow = &bucket->flow[event->place & (LB_BUCKET_FLOWS - 1)];
#pragma unroll /* a loop that is entered in its middle is none to Linux 6.1 */
	for (__u32 i = 0; i < 4; i++) {
		__u64 data = *(volatile __u64 *)&flow->data;
		__u64 next = data_after(data, event, backend);

		if (*(volatile __u64 *)&flow->key != event->key || next == data)
			break;
		if (__sync_val_compare_and_swap(&flow->data, data, next) == data) {
			load_note(data, next);
			break;
		}
	}
	return 0;
}

/* Of a flow with these words. Who is to be timed is listened to, who is checked at first. */
static __always_inline struct flow_event event_of(const struct packet *packet, __u64 key,
						  __u64 data, const struct lb_backend *backend,
						  bool is_reply)
{
	struct flow_event event = {
		.key = key,
		.now = packet->now,
		.backend = lb_flow_backend(data),
		.tcp_flags = packet->tcp_flags,
		.listened = LB_FLOW_ESTABLISHED,
		.is_reply = is_reply,
		.has_payload = packet_has_payload(packet),
		.is_one_way = is_one_way(lb_flow_forward(data)),
		.is_tcp = packet->is_tcp,
	};
	__u32 age;

	if (!is_checked(backend) || (!is_timed(backend) && !is_beginning(lb_flow_state(data))))
		return event;
	event.is_timed = is_timed(backend);
	age = lb_flow_age(data, packet->now);
	if (packet->is_tcp) {
		event.sequence = bpf_ntohl(packet->tcp->seq) + packet_payload_bytes(packet);
		event.acknowledged = bpf_ntohl(packet->tcp->ack_seq);
	}
	event.age = age < AGE_MAX ? age : AGE_MAX;
	event.owner = load_owner(event.backend);
	event.listened = listen(&event, lb_flow_state(data));
	return event;
}

static __always_inline void flow_note(const struct flow_visit *visit, const struct packet *packet,
				      const struct lb_backend *backend, bool is_reply)
{
	struct flow_event event = event_of(packet, visit->key, visit->data, backend, is_reply);

	event.bucket = visit->bucket;
	event.place = visit->place;
	flow_write(&event);
}

/* The first packet of a flow, which has been remembered. */
static __always_inline void flow_begins(const struct packet *packet, __u64 key,
					const struct target *target)
{
	if (is_checked(target->backend))
		listen_first(key, target->id, packet->now,
			     (packet->is_tcp ? FIRST_IS_TCP : 0) |
				     (is_one_way(target->forward) ? FIRST_IS_ONE_WAY : 0) |
				     (is_timed(target->backend) ? FIRST_IS_TIMED : 0));
}

/* Is anything to be written when a flow goes on with this packet? */
static __always_inline bool is_event(__u64 data, const struct packet *packet,
				     const struct lb_backend *backend, bool is_reply)
{
	enum lb_flow_state state = lb_flow_state(data);
	__u8 flags = packet->tcp_flags;
	enum lb_flow_state next =
		is_reply ? state_after_reply(state, flags)
			 : state_after_request(state, lb_flow_forward(data), flags);

	return next != state || state >= LB_FLOW_LISTENED ||
	       data_is_stale(data, packet->now, lb_flow_idle(backend, state));
}

/* The flow goes on with this packet: its state and expiry are written if they change. */
static __always_inline void flow_goes_on_with(const struct flow_visit *visit,
					      const struct packet *packet,
					      const struct lb_backend *backend, bool is_reply)
{
	if (is_event(visit->data, packet, backend, is_reply))
		flow_note(visit, packet, backend, is_reply);
}

#endif
