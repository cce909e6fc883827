/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Have we met? The flow memory: buckets of two cache lines, four flows a line.
 *
 * A flow's hash names its bucket and the line that is its first choice; the
 * other line is the second, so that a packet of a known flow costs one cold
 * cache line, and the neighbour is mostly fetched along with it.
 *
 * A place is claimed by compare-and-swap of its key to LB_FLOW_BUSY; the data is
 * written and then the new key. Room for a new flow is, in this order, an empty
 * place, one that has expired or closed, one whose backend has not answered
 * yet, one whose client has not taken up the answer yet (of equals the oldest), and
 * then nothing: what is established is never evicted. Where it is so crowded that
 * half-open flows push out each other, new flows are chosen by hash, so that each
 * finds its backend again without being remembered.
 */
#ifndef LB_BPF_FLOW_H
#define LB_BPF_FLOW_H

#include "packet.h"

#define FLOW_SLACK_TICKS 30

/* A look into the memory for a client, and for its flow with one service. */
struct flow_visit {
	__u64 client; /* the key but for the service */
	__u64 key;
	__u64 hash;
	__u64 now_ns;
	__u64 data; /* of the flow that was found, as read */
	__u32 bucket; /* index */
	__u32 line; /* place of the first choice's first flow: 0 or LB_LINE_FLOWS */
	__u32 place; /* of the flow that was found, in the bucket */
};

enum flow_rank {
	FLOW_RANK_EMPTY,
	FLOW_RANK_OVER,
	FLOW_RANK_NEW,
	FLOW_RANK_ANSWERED,
	FLOW_RANK_KEPT,
};

/* The bucket of a client, whichever service it speaks to; NULL is a bug. */
static __always_inline struct lb_bucket *flow_visit(struct flow_visit *visit, const __u64 client[2],
						    __be16 port, bool is_ipv4)
{
	visit->now_ns = now();
	visit->client = is_ipv4 ? lb_flow_key4(client[1] >> 32, port, 0)
				: lb_flow_key6(client, port, 0, seed());
	visit->hash = lb_flow_hash(visit->client, seed());
	visit->bucket = lb_scale(visit->hash, flow_buckets);
	visit->line = (visit->hash & 1) * LB_LINE_FLOWS;
	return map_get(&flows, visit->bucket);
}

/*
 * All ones if the keys are equal, else 0; by arithmetic, as which of a full line's
 * places is the flow's cannot be predicted, and a branch guessed wrong costs more
 * than the comparisons. The barrier keeps the compiler from making it a branch.
 */
static __always_inline __u64 ones_if_equal(__u64 a, __u64 b)
{
	__u64 differs = a ^ b;
	__u64 sign = -differs;

	barrier_var(sign);
	return ((differs | sign) >> 63) - 1;
}

/*
 * The first place fills first, so it has a branch of its own: predicted well
 * while the memory is sparse, it lets the processor go on with the flow's backend
 * before the comparison is done.
 */
static __always_inline bool line_has(struct flow_visit *visit, const struct lb_bucket *bucket,
				     __u32 line)
{
	const struct lb_flow *flow = &bucket->flow[line & LB_LINE_FLOWS];
	__u64 key = *(volatile __u64 *)&flow->key;
	__u64 third, fourth, place;

	visit->place = line;
	visit->data = *(volatile __u64 *)&flow->data;
	if (key == visit->key)
		return true;
	third = ones_if_equal(flow[2].key, visit->key);
	fourth = ones_if_equal(flow[3].key, visit->key);
	place = 1 + (third & 1) + (fourth & 2);
	barrier_var(place);
	flow += place & 3;
	key = *(volatile __u64 *)&flow->key;
	visit->place = line + place;
	visit->data = *(volatile __u64 *)&flow->data;
	return key == visit->key;
}

/* Looks in the client's bucket for its flow with a service. */
static __always_inline bool flow_find(struct flow_visit *visit, const struct lb_bucket *bucket,
				      __u16 service)
{
	visit->key = visit->client | service;
	return line_has(visit, bucket, visit->line) ||
	       line_has(visit, bucket, visit->line ^ LB_LINE_FLOWS);
}

/* Gives the place of the visit's flow back. */
static __always_inline void flow_forget(const struct flow_visit *visit, struct lb_bucket *bucket)
{
	struct lb_flow *flow = &bucket->flow[visit->place & (LB_BUCKET_FLOWS - 1)];

	__sync_val_compare_and_swap(&flow->key, visit->key, 0);
}

/*
 * Does the flow's story go on with this packet? An ended one is over only when
 * the packet begins another; stragglers still find their backend.
 */
static __always_inline bool flow_goes_on(const struct flow_visit *visit,
					 const struct packet *packet)
{
	return !packet_begins_flow(packet) || lb_flow_alive(visit->data, visit->now_ns);
}

static __always_inline enum lb_flow_state state_after_request(enum lb_flow_state state, __u8 flags)
{
	if (flags & TCP_RST)
		return LB_FLOW_CLOSED;
	if (flags & TCP_FIN) {
		if (state == LB_FLOW_NEW || state == LB_FLOW_BACKEND_FIN)
			return LB_FLOW_CLOSED;
		return state == LB_FLOW_CLOSED ? state : LB_FLOW_CLIENT_FIN;
	}
	if (state == LB_FLOW_ANSWERED && !(flags & TCP_SYN))
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
	__u64 now_ns;
	__u32 bucket;
	__u32 place;
	__u16 backend;
	__u8 tcp_flags;
	bool is_reply;
};

static __always_inline __u64 data_after(__u64 data, const struct flow_event *event,
					const struct lb_backend *backend)
{
	__u32 now_ticks = event->now_ns >> LB_TICK_SHIFT;
	enum lb_flow_state state = lb_flow_state(data);

	state = event->is_reply ? state_after_reply(state, event->tcp_flags)
				: state_after_request(state, event->tcp_flags);
	return lb_flow_data(lb_flow_backend(data), state, lb_flow_created(data),
			    now_ticks + lb_flow_idle(backend, state));
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
	bucket = map_get(&flows, event->bucket);
	backend = map_get(&backends, event->backend);
	if (!bucket || !backend)
		return -1;
	flow = &bucket->flow[event->place & (LB_BUCKET_FLOWS - 1)];
	for (__u32 i = 0; i < 4; i++) {
		__u64 data = *(volatile __u64 *)&flow->data;

		if (*(volatile __u64 *)&flow->key != event->key ||
		    __sync_val_compare_and_swap(&flow->data, data,
						data_after(data, event, backend)) == data)
			break;
	}
	return 0;
}

static __always_inline void flow_note(const struct flow_visit *visit, __u8 flags, bool is_reply)
{
	struct flow_event event = {
		.key = visit->key,
		.now_ns = visit->now_ns,
		.bucket = visit->bucket,
		.place = visit->place,
		.backend = lb_flow_backend(visit->data),
		.tcp_flags = flags,
		.is_reply = is_reply,
	};

	flow_write(&event);
}

/*
 * The flow goes on with this packet. Its state is written when it changes, and
 * its expiry once that has moved by an eighth or 8 seconds (or the idle time was
 * made shorter: then `spent` is below zero): most packets only read.
 */
static __always_inline void flow_goes_on_with(const struct flow_visit *visit,
					      const struct packet *packet,
					      const struct lb_backend *backend, bool is_reply)
{
	enum lb_flow_state state = lb_flow_state(visit->data);
	__u8 flags = packet_tcp_flags(packet);
	__u32 idle = lb_flow_idle(backend, state);
	__u32 slack = idle < 8 * FLOW_SLACK_TICKS ? idle >> 3 : FLOW_SLACK_TICKS;
	__u32 spent = idle - lb_flow_left(visit->data, visit->now_ns);
	enum lb_flow_state next =
		is_reply ? state_after_reply(state, flags) : state_after_request(state, flags);

	if (next != state || spent > slack)
		flow_note(visit, flags, is_reply);
}

/* A place for a new flow, and what it takes the place of. */
struct flow_room {
	__u64 now_ns;
	__u64 key; /* of the one who has the place, as read */
	__u32 bucket;
	__u32 line;
	__u32 place;
	__u32 rank;
	__s32 left; /* what it had left; of equals the oldest goes */
	__u32 zero;
};

static __always_inline enum flow_rank flow_rank(const struct lb_flow *flow, __u64 key, __u64 now_ns)
{
	__u64 data = flow->data;

	if (!key)
		return FLOW_RANK_EMPTY;
	if (!lb_flow_service(key))
		return FLOW_RANK_KEPT; /* being written */
	if (!lb_flow_alive(data, now_ns))
		return FLOW_RANK_OVER;
	if (lb_flow_state(data) == LB_FLOW_NEW)
		return FLOW_RANK_NEW;
	return lb_flow_state(data) == LB_FLOW_ANSWERED ? FLOW_RANK_ANSWERED : FLOW_RANK_KEPT;
}

static __always_inline void line_offers(struct flow_room *room, const struct lb_bucket *bucket,
					__u32 line)
{
	for (__u32 i = 0; i < LB_LINE_FLOWS; i++) {
		__u32 place = (line + i) & (LB_BUCKET_FLOWS - 1);
		__u64 key = *(volatile __u64 *)&bucket->flow[place].key;
		enum flow_rank rank = flow_rank(&bucket->flow[place], key, room->now_ns);
		__s32 left = lb_flow_left(bucket->flow[place].data, room->now_ns);

		if (rank > room->rank ||
		    (rank == room->rank && (rank == FLOW_RANK_EMPTY || left >= room->left)))
			continue;
		room->place = place;
		room->key = key;
		room->rank = rank;
		room->left = left;
	}
}

/* Finds the best place that a bucket has. A function of its own, verified once. */
__noinline int flow_find_room(struct flow_room *room)
{
	struct lb_bucket *bucket;

	if (!room)
		return -1;
	room->rank = FLOW_RANK_KEPT;
	room->left = LB_FLOW_TIME_MIN;
	bucket = map_get(&flows, room->bucket);
	if (!bucket)
		return -1;
	line_offers(room, bucket, room->line);
	if (room->rank != FLOW_RANK_EMPTY)
		line_offers(room, bucket, room->line ^ LB_LINE_FLOWS);
	return 0;
}

/* Room for the flow of a visit: its own old place, or the best there is. */
static __always_inline struct flow_room flow_make_room(const struct flow_visit *visit,
						       bool is_known)
{
	struct flow_room room = {
		.now_ns = visit->now_ns,
		.key = visit->key,
		.bucket = visit->bucket,
		.line = visit->line,
		.place = visit->place,
		.rank = FLOW_RANK_OVER,
	};

	if (!is_known)
		flow_find_room(&room);
	return room;
}

/*
 * Remembers the visit's flow; false when there was no room, or another took it.
 * The key is stored last, and not by an atomic exchange: its order matters only to
 * a packet of this very flow on another processor within nanoseconds of its first.
 */
static __always_inline bool flow_remember(const struct flow_visit *visit,
					  const struct flow_room *room, struct lb_bucket *bucket,
					  __u32 backend_id, const struct lb_backend *backend,
					  enum lb_flow_state state)
{
	__u32 expires = (visit->now_ns >> LB_TICK_SHIFT) + lb_flow_idle(backend, state);
	struct lb_flow *flow = &bucket->flow[room->place & (LB_BUCKET_FLOWS - 1)];

	if (room->rank == FLOW_RANK_KEPT ||
	    __sync_val_compare_and_swap(&flow->key, room->key, LB_FLOW_BUSY) != room->key)
		return false;
	flow->data = lb_flow_data(backend_id, state, visit->now_ns >> LB_CREATED_SHIFT, expires);
	*(volatile __u64 *)&flow->key = visit->key;
	return true;
}

#endif
