/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Have we met? The flow memory: buckets of two cache lines, four flows a line.
 *
 * A flow's hash names its bucket and the place that is its home there; next come
 * the other places of the same line, and then the other line, so that a packet of a
 * known flow costs one cold cache line.
 *
 * A place is claimed by compare-and-swap of its key to LB_FLOW_BUSY; the data is
 * written and then the new key. Room for a new flow is, in this order, an empty
 * place, one that has expired or closed, one whose backend has not answered
 * yet, one whose client has not taken up the answer yet (of equals the oldest), and
 * then nothing: what is established is never evicted. Where it is so crowded that
 * half-open flows push out each other, new flows are chosen by hash, so that each
 * finds its backend again without being remembered.
 */
#ifndef BPF_FLOW_FLOW_TABLE_H
#define BPF_FLOW_FLOW_TABLE_H

#include "flow/flow_counts.h"
#include "packet/packet.h"

/* A look into the memory for a client, and for its flow with one service. */
struct flow_visit {
	__u64 client; /* the key but for the service */
	__u64 key;
	__u64 hash;
	__u64 data; /* of the flow that was found, as read */
	__u32 bucket; /* index */
	__u32 home; /* place of first choice, in the bucket */
	__u32 place; /* of the flow that was found, in the bucket */
	__u32 now; /* tick */
};

/* Who has the place that a new flow would take: the states of flows that are alive. */
enum flow_rank {
	FLOW_RANK_OVER, /* nobody, or a flow that has expired or closed */
	FLOW_RANK_NEW = LB_FLOW_NEW,
	FLOW_RANK_ANSWERED = LB_FLOW_ANSWERED,
	FLOW_RANK_KEPT, /* one that is not pushed out */
};

/* Whom a packet goes to, and how; no backend: nobody, and the id may tell why. */
struct target {
	__u32 id;
	enum lb_forward forward;
	struct lb_backend *backend;
};

#define WORTH_STATE_SHIFT 24 /* above any time left */

/* A client's part of the keys of its flows. */
static __always_inline __u64 flow_client(const struct packet *packet, const __u64 client[2],
					 __be16 port)
{
	return packet->is_ipv4 ? lb_flow_key4(client[1] >> 32, port, 0)
			       : lb_flow_key6(client, port, 0, seed());
}

/* The bucket of a client, whichever service it speaks to; NULL is a bug. */
static __always_inline struct lb_bucket *flow_visit(struct flow_visit *visit,
						    const struct packet *packet,
						    const __u64 client[2], __be16 port)
{
	visit->now = packet->now;
	visit->client = flow_client(packet, client, port);
	visit->hash = lb_flow_hash(visit->client, seed());
	visit->bucket = lb_scale(visit->hash, flow_buckets);
	visit->home = visit->hash >> 32 & (LB_BUCKET_FLOWS - 1);
	return record_at(&flows, visit->bucket, sizeof(struct lb_bucket));
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

static __always_inline const struct lb_flow *place_of(const struct lb_bucket *bucket, __u32 place)
{
	return &bucket->flow[place & (LB_BUCKET_FLOWS - 1)];
}

/*
 * Looks in the line of a place. Most flows are at home, so that has a branch of its
 * own: predicted well while the memory is sparse, it lets the processor go on with
 * the flow's backend before the comparison is done.
 */
static __always_inline bool line_has(struct flow_visit *visit, const struct lb_bucket *bucket,
				     __u32 home)
{
	const struct lb_flow *flow = place_of(bucket, home);
	__u64 key = *(volatile __u64 *)&flow->key;
	__u64 third, fourth, steps, place;

	visit->place = home;
	visit->data = *(volatile __u64 *)&flow->data;
	if (likely(key == visit->key))
		return true;
	third = ones_if_equal(place_of(bucket, home ^ 2)->key, visit->key);
	fourth = ones_if_equal(place_of(bucket, home ^ 3)->key, visit->key);
	steps = 1 + (third & 1) + (fourth & 2);
	barrier_var(steps);
	place = home ^ steps;
	barrier_var(place); /* masked after this, where the verifier sees it */
	visit->place = place;
	flow = place_of(bucket, place);
	key = *(volatile __u64 *)&flow->key;
	visit->data = *(volatile __u64 *)&flow->data;
	return key == visit->key;
}

/* Looks in the client's bucket for its flow with a service. */
static __always_inline bool flow_find(struct flow_visit *visit, const struct lb_bucket *bucket,
				      __u16 service)
{
	visit->key = visit->client | service;
	return line_has(visit, bucket, visit->home) ||
	       line_has(visit, bucket, visit->home ^ LB_LINE_FLOWS);
}

/*
 * May the client have a flow in its bucket, with whichever service? If not, the bucket's cold
 * cache line need not be looked at. Three in a hundred seem to have one that have not.
 */
static __always_inline bool flow_may_be_known(const struct flow_visit *visit)
{
	const __u64 *word = (const void *)fingerprints_get(visit->bucket);

	return lb_fingerprint_in(*(const volatile __u64 *)word, lb_fingerprint(visit->hash));
}

/*
 * Gives the place of the visit's flow back. Its mark, if it has one, stays in the place
 * until somebody takes it, or the sweep comes by.
 */
static __always_inline void flow_forget(const struct flow_visit *visit, struct lb_bucket *bucket)
{
	struct lb_flow *flow = &bucket->flow[visit->place & (LB_BUCKET_FLOWS - 1)];

	__sync_val_compare_and_swap(&flow->key, visit->key, 0);
}

/* Does the backend answer its clients past us, so that we see one direction only? */
static __always_inline bool is_one_way(enum lb_forward forward)
{
	return forward >= LB_FORWARD_DSR;
}

/*
 * Is the packet the client's first of another flow, by a port that it is done with? Where we see
 * both directions an end is one when the backend's has come, and the flow closed.
 */
static __always_inline bool flow_is_reused(const struct flow_visit *visit,
					   const struct packet *packet)
{
	return lb_flow_state(visit->data) == LB_FLOW_CLIENT_FIN &&
	       is_one_way(lb_flow_forward(visit->data)) && packet_begins_flow(packet);
}

/*
 * Does the flow's story go on with this packet? An ended one is over only when
 * the packet begins another; stragglers still find their backend.
 */
static __always_inline bool flow_goes_on(const struct flow_visit *visit,
					 const struct packet *packet)
{
	return !packet_begins_flow(packet) || lb_flow_alive(visit->data, visit->now);
}

/* Has less than the idle time been left to the flow, or was that made shorter? */
static __always_inline bool data_is_stale(__u64 data, __u32 now, __u32 idle)
{
	__u32 spent = lb_flow_lease(idle) - lb_flow_left(data, now);

	return spent > lb_flow_lease(idle) - idle;
}

/* What most packets find, and nothing has to be written: all is as it was. */
static __always_inline bool flow_is_steady(const struct flow_visit *visit,
					   const struct packet *packet,
					   const struct lb_backend *backend)
{
	return lb_flow_state(visit->data) == LB_FLOW_ESTABLISHED &&
	       !(packet->tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST)) &&
	       !data_is_stale(visit->data, visit->now, backend->idle_established);
}

/* A place for a new flow, and what it takes the place of. */
struct flow_room {
	__u64 key; /* of the one who has the place, as read */
	__u32 place;
	__u32 rank; /* enum flow_rank */
};

/*
 * What a flow's place is worth to its owner: the rank and, of equals, the time left;
 * 0 when there is none. By arithmetic, as in a full bucket no branch on it could be
 * predicted.
 */
static __always_inline __u64 place_worth(__u64 key, __u64 data, __u32 now)
{
	__s64 left = (__s64)((data - now) << 42) >> 42;
	__u64 is_alive = -left >> 63;
	__u64 is_taken = (__s64)(key | -key) >> 63;

	barrier_var(is_alive);
	barrier_var(is_taken);
	return ((((__u64)lb_flow_state(data) << WORTH_STATE_SHIFT) & is_alive) +
		(left - LB_FLOW_TIME_MIN)) &
	       is_taken;
}

static __always_inline __u64 smaller(__u64 a, __u64 b)
{
	__u64 difference = a - b;

	return b + (difference & ((__s64)difference >> 63));
}

/*
 * The least worth of the places in the line of one; below it stand the steps from
 * home, an exclusive or, so that of equals the nearest is taken.
 */
static __always_inline __u64 line_cheapest(const struct lb_bucket *bucket, __u32 home, __u32 steps,
					   __u32 now)
{
	__u64 cheapest = ~0ULL >> 1;

	for (__u32 i = 0; i < LB_LINE_FLOWS; i++) {
		const struct lb_flow *flow = place_of(bucket, home ^ (steps + i));
		__u64 key = *(volatile __u64 *)&flow->key;
		__u64 worth = place_worth(key, *(volatile __u64 *)&flow->data, now);

		cheapest = smaller(worth * LB_BUCKET_FLOWS + steps + i, cheapest);
	}
	return cheapest;
}

static __always_inline __u32 rank_of_worth(__u64 worth)
{
	__u32 state = worth >> WORTH_STATE_SHIFT;

	return state < FLOW_RANK_KEPT ? state : FLOW_RANK_KEPT;
}

/*
 * Finds the best place that a bucket has for a flow of another. A function of its
 * own, verified once.
 */
__noinline int flow_find_room(struct flow_room *room, __u32 index, __u32 home, __u32 now)
{
	struct lb_bucket *bucket = bucket_get(index);
	struct lb_flow *flow;
	__u64 cheapest;

	if (!room || !bucket)
		return -1;
	cheapest = line_cheapest(bucket, home, 0, now);
	if (cheapest / LB_BUCKET_FLOWS > -LB_FLOW_TIME_MIN) /* alive */
		cheapest = smaller(line_cheapest(bucket, home, LB_LINE_FLOWS, now), cheapest);
	room->place = (home ^ cheapest) & (LB_BUCKET_FLOWS - 1);
	flow = &bucket->flow[room->place];
	room->key = *(volatile __u64 *)&flow->key;
	room->rank = FLOW_RANK_KEPT;
	if ((!room->key || lb_flow_service(room->key)) &&
	    place_worth(room->key, *(volatile __u64 *)&flow->data, now) ==
		    cheapest / LB_BUCKET_FLOWS)
		room->rank = rank_of_worth(cheapest / LB_BUCKET_FLOWS);
	return 0;
}

/* Room for the flow of a visit: its own old place, or the best there is. */
static __always_inline struct flow_room flow_make_room(const struct flow_visit *visit,
						       bool is_known)
{
	struct flow_room room = {visit->key, visit->place, FLOW_RANK_OVER};

	if (!is_known)
		flow_find_room(&room, visit->bucket, visit->home, visit->now);
	return room;
}

/*
 * Remembers the visit's flow; false when there was no room, or another took it.
 * The key is stored last (who finds no fingerprint finds no key), and not by an atomic exchange: its order matters only to
 * a packet of this very flow on another processor within nanoseconds of its first.
 */
static __always_inline bool flow_remember(const struct flow_visit *visit,
					  const struct flow_room *room, struct lb_bucket *bucket,
					  const struct target *target, enum lb_flow_state state)
{
	const struct lb_backend *backend = target->backend;
	__u32 expires = visit->now + lb_flow_lease(lb_flow_idle(backend, state));
	struct lb_flow *flow = &bucket->flow[room->place & (LB_BUCKET_FLOWS - 1)];
	__u64 mark = 0;

	if (room->rank == FLOW_RANK_KEPT ||
	    __sync_val_compare_and_swap(&flow->key, room->key, LB_FLOW_BUSY) != room->key)
		return false;
	if (unlikely(*(volatile __u64 *)&flow->data & LB_FLOW_COUNTED))
		load_leave(visit->bucket, room->place);
	if (load_is_wanted(backend) && state != LB_FLOW_CLOSED) {
		load_add(target->id, 1);
		mark = LB_FLOW_COUNTED;
	}
	*(volatile __u8 *)&fingerprints_get(visit->bucket)
		 ->place[room->place & (LB_BUCKET_FLOWS - 1)] = lb_fingerprint(visit->hash);
	flow->data = mark | lb_flow_data(target->id, state, target->forward,
					 visit->now >> LB_CREATED_SHIFT, expires);
	*(volatile __u64 *)&flow->key = visit->key;
	return true;
}

#endif
