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
 * yet, one whose client has not taken up the answer yet, and then nothing: what
 * is established is never evicted. Where it is so crowded that half-open flows
 * push out each other, new flows are chosen by hash, so that each finds its
 * backend again without being remembered.
 */
#ifndef LB_BPF_FLOW_H
#define LB_BPF_FLOW_H

#include "packet.h"

/* A look into the memory for one key. */
struct flow_visit {
	__u64 key;
	__u64 hash;
	__u64 now_ns;
	struct lb_flow *line[2]; /* first and second choice; NULL: no such bucket (a bug) */
	struct lb_flow *flow; /* the flow, or NULL when we have not met */
	__u64 data; /* of the flow, as read */
};

/* Where a new flow can go; rank tells what it takes the place of. */
struct flow_room {
	struct lb_flow *place;
	__u64 key; /* of the one who had the place, as read */
	__u32 rank;
};

enum flow_rank {
	FLOW_RANK_EMPTY,
	FLOW_RANK_OVER,
	FLOW_RANK_NEW,
	FLOW_RANK_ANSWERED,
	FLOW_RANK_KEPT,
};

static __always_inline __u64 flow_key(const __u64 client[2], __be16 port, __u16 service,
				      bool is_ipv4)
{
	if (is_ipv4)
		return lb_flow_key4(client[1] >> 32, port, service);
	return lb_flow_key6(client, port, service, seed());
}

static __always_inline bool line_has(struct flow_visit *visit, struct lb_flow *line)
{
#pragma unroll
	for (__u32 i = 0; i < LB_LINE_FLOWS; i++) {
		if (line[i].key != visit->key)
			continue;
		visit->flow = &line[i];
		visit->data = *(volatile __u64 *)&line[i].data;
		return true;
	}
	return false;
}

/* Looks for the flow of visit->key. */
static __always_inline bool flow_find(struct flow_visit *visit)
{
	struct lb_bucket *bucket;
	__u32 first;

	visit->hash = lb_flow_hash(visit->key, seed());
	visit->flow = NULL;
	visit->line[0] = NULL;
	bucket = map_get(&flows, lb_scale(visit->hash, flow_buckets));
	if (!bucket)
		return false;
	first = (visit->hash & 1) * LB_LINE_FLOWS;
	visit->line[0] = &bucket->flow[first];
	visit->line[1] = &bucket->flow[first ^ LB_LINE_FLOWS];
	return line_has(visit, visit->line[0]) || line_has(visit, visit->line[1]);
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

static __always_inline __u32 idle_ticks(const struct lb_service *service, __u32 state)
{
	return state < LB_FLOW_STATE_COUNT ? service->idle_ticks[state] : 0;
}

/*
 * Writes the flow's new state, and its new expiry once that has moved by a
 * second or a quarter: most packets only read. Who loses the race is not
 * needed: another packet of the flow has just said the same or more.
 */
static __always_inline void flow_goes_to(struct flow_visit *visit, enum lb_flow_state state,
					 const struct lb_service *service)
{
	__u64 data = visit->data;
	__s32 idle = idle_ticks(service, state);
	__s32 slack = idle < 16 ? idle >> 2 : 4;
	__u32 now = visit->now_ns >> LB_TICK_SHIFT;

	if (state == lb_flow_state(data) && lb_flow_left(data, visit->now_ns) >= idle - slack)
		return;
	__sync_val_compare_and_swap(
		&visit->flow->data, data,
		lb_flow_data(lb_flow_backend(data), state, lb_flow_created(data), now + idle));
}

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

static __always_inline void line_offers(struct flow_room *room, struct lb_flow *line, __u64 now_ns)
{
#pragma unroll
	for (__u32 i = 0; i < LB_LINE_FLOWS; i++) {
		__u64 key = *(volatile __u64 *)&line[i].key;
		enum flow_rank rank = flow_rank(&line[i], key, now_ns);

		if (rank >= room->rank)
			continue;
		room->place = &line[i];
		room->key = key;
		room->rank = rank;
	}
}

/* Room for the flow of a visit: its own old place, or the best there is. */
static __always_inline struct flow_room flow_make_room(const struct flow_visit *visit)
{
	struct flow_room room = {visit->flow, visit->key, FLOW_RANK_OVER};

	if (room.place || !visit->line[0])
		return room;
	room.rank = FLOW_RANK_KEPT;
	line_offers(&room, visit->line[0], visit->now_ns);
	if (room.rank != FLOW_RANK_EMPTY)
		line_offers(&room, visit->line[1], visit->now_ns);
	return room;
}

/* Remembers the visit's flow; false when there was no room, or another took it. */
static __always_inline bool flow_remember(const struct flow_visit *visit, struct flow_room room,
					  __u32 backend, enum lb_flow_state state,
					  const struct lb_service *service)
{
	__u32 expires = (visit->now_ns >> LB_TICK_SHIFT) + idle_ticks(service, state);

	if (!room.place ||
	    __sync_val_compare_and_swap(&room.place->key, room.key, LB_FLOW_BUSY) != room.key)
		return false;
	room.place->data = lb_flow_data(backend, state, visit->now_ns >> LB_CREATED_SHIFT, expires);
	__sync_lock_test_and_set(&room.place->key, visit->key);
	return true;
}

#endif
