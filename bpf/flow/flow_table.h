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
struct flow_lookup {
	__u64 client; /* the key but for the service */
	__u64 key;
	__u64 hash;
	__u64 data; /* of the flow that was found, as read */
	__u32 bucket; /* index */
	__u32 preferred; /* place of first choice, in the bucket */
	__u32 entry; /* of the flow that was found, in the bucket */
	__u32 now; /* tick */
};

/* Who has the place that a new flow would take: the states of flows that are alive. */
enum flow_rank {
	FLOW_RANK_FREE, /* nobody, or a flow that has expired or closed */
	FLOW_RANK_NEW = LB_FLOW_NEW,
	FLOW_RANK_ANSWERED = LB_FLOW_ANSWERED,
	FLOW_RANK_PROTECTED, /* one that is not pushed out */
};

/* Whom a packet goes to, and how; no backend: nobody, and the id may tell why. */
struct target {
	__u32 id;
	enum lb_forward forward;
	struct lb_backend *backend;
};

#define PRIORITY_STATE_SHIFT 24 /* above any time left */

/* A client's part of the keys of its flows. */
static __always_inline __u64 flow_client_key(const struct packet *packet, const __u64 client[2],
					     __be16 port)
{
	return packet->is_ipv4 ? lb_flow_key4(client[1] >> 32, port, 0)
			       : lb_flow_key6(client, port, 0, seed());
}

/* The bucket of a client, whichever service it speaks to; NULL is a bug. */
static __always_inline struct lb_bucket *flow_lookup(struct flow_lookup *lookup,
						     const struct packet *packet,
						     const __u64 client[2], __be16 port)
{
	lookup->now = packet->now;
	lookup->client = flow_client_key(packet, client, port);
	lookup->hash = lb_flow_hash(lookup->client, seed());
	lookup->bucket = lb_scale(lookup->hash, flow_buckets);
	lookup->preferred = lookup->hash >> 32 & (LB_BUCKET_FLOWS - 1);
	return record_at(&flows, lookup->bucket, sizeof(struct lb_bucket));
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

static __always_inline const struct lb_flow *entry_at(const struct lb_bucket *bucket, __u32 entry)
{
	return &bucket->flow[entry & (LB_BUCKET_FLOWS - 1)];
}

/*
 * Looks in the line of a place. Most flows are at home, so that has a branch of its
 * own: predicted well while the memory is sparse, it lets the processor go on with
 * the flow's backend before the comparison is done.
 */
static __always_inline bool line_find(struct flow_lookup *lookup, const struct lb_bucket *bucket,
				      __u32 preferred)
{
	const struct lb_flow *flow = entry_at(bucket, preferred);
	__u64 key = *(volatile __u64 *)&flow->key;
	__u64 third, fourth, steps, entry;

	lookup->entry = preferred;
	lookup->data = *(volatile __u64 *)&flow->data;
	if (likely(key == lookup->key))
		return true;
	third = ones_if_equal(entry_at(bucket, preferred ^ 2)->key, lookup->key);
	fourth = ones_if_equal(entry_at(bucket, preferred ^ 3)->key, lookup->key);
	steps = 1 + (third & 1) + (fourth & 2);
	barrier_var(steps);
	entry = preferred ^ steps;
	barrier_var(entry); /* masked after this, where the verifier sees it */
	lookup->entry = entry;
	flow = entry_at(bucket, entry);
	key = *(volatile __u64 *)&flow->key;
	lookup->data = *(volatile __u64 *)&flow->data;
	return key == lookup->key;
}

/* Looks in the client's bucket for its flow with a service. */
static __always_inline bool flow_find(struct flow_lookup *lookup, const struct lb_bucket *bucket,
				      __u16 service)
{
	lookup->key = lookup->client | service;
	return line_find(lookup, bucket, lookup->preferred) ||
	       line_find(lookup, bucket, lookup->preferred ^ LB_LINE_FLOWS);
}

/*
 * May the client have a flow in its bucket, with whichever service? If not, the bucket's cold
 * cache line need not be looked at. Three in a hundred seem to have one that have not.
 */
static __always_inline bool flow_may_exist(const struct flow_lookup *lookup)
{
	const __u64 *word = (const void *)fingerprints_get(lookup->bucket);

	return lb_fingerprint_in(*(const volatile __u64 *)word, lb_fingerprint(lookup->hash));
}

/*
 * Gives the place of the visit's flow back. Its mark, if it has one, stays in the place
 * until somebody takes it, or the sweep comes by.
 */
static __always_inline void flow_delete(const struct flow_lookup *lookup, struct lb_bucket *bucket)
{
	struct lb_flow *flow = &bucket->flow[lookup->entry & (LB_BUCKET_FLOWS - 1)];

	__sync_val_compare_and_swap(&flow->key, lookup->key, 0);
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
static __always_inline bool flow_is_reused(const struct flow_lookup *lookup,
					   const struct packet *packet)
{
	return lb_flow_state(lookup->data) == LB_FLOW_CLIENT_FIN &&
	       is_one_way(lb_flow_forward(lookup->data)) && request_begins_flow(packet);
}

/*
 * Does the flow's story go on with this packet? An ended one is over only when
 * the packet begins another; stragglers still find their backend.
 */
static __always_inline bool flow_continues(const struct flow_lookup *lookup,
					   const struct packet *packet)
{
	return !request_begins_flow(packet) || lb_flow_alive(lookup->data, lookup->now);
}

/* Has less than the idle time been left to the flow, or was that made shorter? */
static __always_inline bool needs_refresh(__u64 data, __u32 now, __u32 idle)
{
	__u32 spent = lb_flow_lease(idle) - lb_flow_left(data, now);

	return spent > lb_flow_lease(idle) - idle;
}

/* What most packets find, and nothing has to be written: all is as it was. */
static __always_inline bool flow_is_unchanged(const struct flow_lookup *lookup,
					      const struct packet *packet,
					      const struct lb_backend *backend)
{
	return lb_flow_state(lookup->data) == LB_FLOW_ESTABLISHED &&
	       !(packet->tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST)) &&
	       !needs_refresh(lookup->data, lookup->now, backend->idle_established);
}

/* A place for a new flow, and what it takes the place of. */
struct flow_victim {
	__u64 key; /* of the one who has the place, as read */
	__u32 entry;
	__u32 rank; /* enum flow_rank */
};

/*
 * What a flow's place is worth to its owner: the rank and, of equals, the time left;
 * 0 when there is none. By arithmetic, as in a full bucket no branch on it could be
 * predicted.
 */
static __always_inline __u64 entry_priority(__u64 key, __u64 data, __u32 now)
{
	__s64 left = (__s64)((data - now) << 42) >> 42;
	__u64 is_alive = -left >> 63;
	__u64 is_taken = (__s64)(key | -key) >> 63;

	barrier_var(is_alive);
	barrier_var(is_taken);
	return ((((__u64)lb_flow_state(data) << PRIORITY_STATE_SHIFT) & is_alive) +
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
static __always_inline __u64 line_lowest(const struct lb_bucket *bucket, __u32 preferred,
					 __u32 steps, __u32 now)
{
	__u64 lowest = ~0ULL >> 1;

	for (__u32 i = 0; i < LB_LINE_FLOWS; i++) {
		const struct lb_flow *flow = entry_at(bucket, preferred ^ (steps + i));
		__u64 key = *(volatile __u64 *)&flow->key;
		__u64 priority = entry_priority(key, *(volatile __u64 *)&flow->data, now);

		lowest = smaller(priority * LB_BUCKET_FLOWS + steps + i, lowest);
	}
	return lowest;
}

static __always_inline __u32 rank_of_priority(__u64 priority)
{
	__u32 state = priority >> PRIORITY_STATE_SHIFT;

	return state < FLOW_RANK_PROTECTED ? state : FLOW_RANK_PROTECTED;
}

/*
 * Finds the best place that a bucket has for a flow of another. A function of its
 * own, verified once.
 */
__noinline int flow_find_victim(struct flow_victim *victim, __u32 index, __u32 preferred, __u32 now)
{
	struct lb_bucket *bucket = bucket_get(index);
	struct lb_flow *flow;
	__u64 lowest;

	if (!victim || !bucket)
		return -1;
	lowest = line_lowest(bucket, preferred, 0, now);
	if (lowest / LB_BUCKET_FLOWS > -LB_FLOW_TIME_MIN) /* alive */
		lowest = smaller(line_lowest(bucket, preferred, LB_LINE_FLOWS, now), lowest);
	victim->entry = (preferred ^ lowest) & (LB_BUCKET_FLOWS - 1);
	flow = &bucket->flow[victim->entry];
	victim->key = *(volatile __u64 *)&flow->key;
	victim->rank = FLOW_RANK_PROTECTED;
	if ((!victim->key || lb_flow_service(victim->key)) &&
	    entry_priority(victim->key, *(volatile __u64 *)&flow->data, now) ==
		    lowest / LB_BUCKET_FLOWS)
		victim->rank = rank_of_priority(lowest / LB_BUCKET_FLOWS);
	return 0;
}

/* Room for the flow of a visit: its own old place, or the best there is. */
static __always_inline struct flow_victim flow_select_victim(const struct flow_lookup *lookup,
							     bool is_tracked)
{
	struct flow_victim victim = {lookup->key, lookup->entry, FLOW_RANK_FREE};

	if (!is_tracked)
		flow_find_victim(&victim, lookup->bucket, lookup->preferred, lookup->now);
	return victim;
}

/*
 * Remembers the visit's flow; false when there was no room, or another took it.
 * The key is stored last (who finds no fingerprint finds no key), and not by an atomic exchange: its order matters only to
 * a packet of this very flow on another processor within nanoseconds of its first.
 */
static __always_inline bool flow_insert(const struct flow_lookup *lookup,
					const struct flow_victim *victim, struct lb_bucket *bucket,
					const struct target *target, enum lb_flow_state state)
{
	const struct lb_backend *backend = target->backend;
	__u32 expires = lookup->now + lb_flow_lease(lb_flow_idle(backend, state));
	struct lb_flow *flow = &bucket->flow[victim->entry & (LB_BUCKET_FLOWS - 1)];
	__u64 counted = 0;

	if (victim->rank == FLOW_RANK_PROTECTED ||
	    __sync_val_compare_and_swap(&flow->key, victim->key, LB_FLOW_BUSY) != victim->key)
		return false;
	if (unlikely(*(volatile __u64 *)&flow->data & LB_FLOW_COUNTED))
		load_release(lookup->bucket, victim->entry);
	if (backend_is_counted(backend) && state != LB_FLOW_CLOSED) {
		load_add(target->id, 1);
		counted = LB_FLOW_COUNTED;
	}
	*(volatile __u8 *)&fingerprints_get(lookup->bucket)
		 ->entry[victim->entry & (LB_BUCKET_FLOWS - 1)] = lb_fingerprint(lookup->hash);
	flow->data = counted | lb_flow_data(target->id, state, target->forward,
					    lookup->now >> LB_CREATED_SHIFT, expires);
	*(volatile __u64 *)&flow->key = lookup->key;
	return true;
}

#endif
