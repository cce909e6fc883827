/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet does to a flow that we have met: its state, its expiry, its part in
 * its backend's count, and the moments of requests and answers.
 */
#ifndef LB_BPF_EVENT_H
#define LB_BPF_EVENT_H

#include "flow.h"
#include "latency.h"

/* Does the backend answer its clients past us, so that we see one direction only? */
static __always_inline bool is_one_way(enum lb_forward forward)
{
	return forward >= LB_FORWARD_DSR;
}

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

/* What a packet does to a flow. */
struct flow_event {
	__u64 key;
	__u32 now;
	__u32 bucket;
	__u32 place;
	__u16 backend;
	__u8 tcp_flags;
	bool is_reply : 1;
	bool has_payload : 1;
};

/* Who is listened to goes on from a request with payload to its answer. */
static __always_inline enum lb_flow_state state_listened(enum lb_flow_state state,
							 enum lb_forward forward,
							 const struct flow_event *event,
							 const struct lb_backend *backend)
{
	if (!(backend->flags & LB_BACKEND_TIMED) || is_one_way(forward))
		return state >= LB_FLOW_LISTENED ? LB_FLOW_ESTABLISHED : state;
	if (event->is_reply) {
		if (state != LB_FLOW_TIMED || !event->has_payload)
			return state;
		return latency_follows(event->key) ? LB_FLOW_LISTENED : LB_FLOW_ESTABLISHED;
	}
	if (state == LB_FLOW_ESTABLISHED && latency_listens(event->key, event->backend, event->now))
		state = LB_FLOW_LISTENED;
	return state == LB_FLOW_LISTENED && event->has_payload ? LB_FLOW_TIMED : state;
}

static __always_inline __u64 data_after(__u64 data, const struct flow_event *event,
					const struct lb_backend *backend)
{
	enum lb_flow_state state = lb_flow_state(data);
	enum lb_forward forward = lb_flow_forward(data);
	__u64 mark = load_is_wanted(backend) ? LB_FLOW_COUNTED : data & LB_FLOW_COUNTED;

	state = event->is_reply ? state_after_reply(state, event->tcp_flags)
				: state_after_request(state, forward, event->tcp_flags);
	state = state_listened(state, forward, event, backend);
	if (state == LB_FLOW_CLOSED)
		mark = 0;
	return mark | lb_flow_data(lb_flow_backend(data), state, forward, lb_flow_created(data),
				   event->now + lb_flow_lease(lb_flow_idle(backend, state)));
}

/* The moment of a request, or of its answer. */
static __always_inline void note_moment(const struct flow_event *event,
					const struct lb_backend *backend, enum lb_flow_state before,
					enum lb_flow_state after)
{
	if (!event->has_payload)
		return;
	if (!event->is_reply && before != LB_FLOW_TIMED && after == LB_FLOW_TIMED)
		latency_begin(event->key);
	if (event->is_reply && before == LB_FLOW_TIMED)
		latency_end(event->key, event->backend, event->now, ~0U);
	if (event->is_reply && before == LB_FLOW_NEW)
		latency_end(event->key, event->backend, event->now, backend->idle_new);
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
	for (__u32 i = 0; i < 4; i++) {
		__u64 data = *(volatile __u64 *)&flow->data;
		__u64 next = data_after(data, event, backend);

		if (*(volatile __u64 *)&flow->key != event->key || next == data)
			break;
		if (__sync_val_compare_and_swap(&flow->data, data, next) == data) {
			load_note(data, next);
			if (unlikely(backend->flags & LB_BACKEND_TIMED))
				note_moment(event, backend, lb_flow_state(data),
					    lb_flow_state(next));
			break;
		}
	}
	return 0;
}

static __always_inline void flow_note(const struct flow_visit *visit, const struct packet *packet,
				      bool is_reply)
{
	struct flow_event event = {
		.key = visit->key,
		.now = visit->now,
		.bucket = visit->bucket,
		.place = visit->place,
		.backend = lb_flow_backend(visit->data),
		.tcp_flags = packet->tcp_flags,
		.is_reply = is_reply,
		.has_payload = packet_has_payload(packet),
	};

	flow_write(&event);
}

/* The flow goes on with this packet: its state and expiry are written if they change. */
static __always_inline void flow_goes_on_with(const struct flow_visit *visit,
					      const struct packet *packet,
					      const struct lb_backend *backend, bool is_reply)
{
	enum lb_flow_state state = lb_flow_state(visit->data);
	__u8 flags = packet->tcp_flags;
	enum lb_flow_state next =
		is_reply ? state_after_reply(state, flags)
			 : state_after_request(state, lb_flow_forward(visit->data), flags);

	if (next != state || state >= LB_FLOW_LISTENED ||
	    is_stale(visit, lb_flow_idle(backend, state)))
		flow_note(visit, packet, is_reply);
}

#endif
