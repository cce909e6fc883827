/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flow table: buckets of two cache lines, with four entries per line.
 *
 * A flow's hash selects its bucket and its preferred entry. Next come the other entries of the same
 * line, then those of the other line. So a packet of a tracked flow costs one cold cache line.
 *
 * To claim an entry, a CPU replaces its key with LB_FLOW_BUSY by compare-and-swap, writes the data,
 * and then the new key. A new flow takes, in this order of preference, an entry that is
 *
 *   - empty, or with a flow that has expired or closed,
 *   - of a flow that the backend has not answered,
 *   - of a flow that the client has not continued after the answer.
 *
 * Among equals it takes the oldest. Established flows are never evicted. When half-open flows evict
 * each other, the hash of a new flow selects its slot. So each flow keeps its backend even if it is
 * untracked.
 */
#ifndef BPF_FLOW_FLOW_TABLE_H
#define BPF_FLOW_FLOW_TABLE_H

#include "core/math.h"
#include "flow/flow_counts.h"
#include "packet/packet.h"

/* Lookup of a client's bucket, and of its flow with one service. */
struct flow_lookup {
	__u64 client; /* the key without the service */
	__u64 key;
	__u64 hash;
	__u64 data; /* of the flow that was found, as read */
	__u32 bucket; /* index in the table */
	__u32 preferred; /* entry of first choice, in the bucket */
	__u32 entry; /* of the flow that was found, in the bucket */
	__u32 now; /* tick */
};

/* Rank of an entry that a new flow could take: the state of its present flow if that is alive. */
enum flow_rank {
	FLOW_RANK_FREE, /* none, or one that has expired or closed */
	FLOW_RANK_NEW = LB_FLOW_NEW,
	FLOW_RANK_ANSWERED = LB_FLOW_ANSWERED,
	FLOW_RANK_PROTECTED, /* one that is never evicted */
};

/* A flow's backend and forwarding mode; `backend` is NULL if it has none. */
struct target {
	__u32 id;
	enum lb_forward forward;
	struct lb_backend *backend;
};

#define PRIORITY_STATE_SHIFT 24 /* above any remaining time */

/* The client's part of its flows' keys. */
static __always_inline __u64 flow_client_key(const struct packet *packet, const __u64 client[2],
					     __be16 port)
{
	return packet->is_ipv4 ? lb_flow_key4(client[1] >> 32, port, 0)
			       : lb_flow_key6(client, port, 0, seed());
}

/* Hashes a client and returns its bucket, which is the same for all services. */
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
 * All ones if the keys are equal, else 0. By arithmetic: which entry of a full line has the flow is
 * unpredictable, and a mispredicted branch costs more than the comparisons. The barrier keeps the
 * compiler from making it a branch.
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

/* Reads the bucket's preferred entry, so that its cold cache line arrives early. */
static __always_inline void flow_prefetch(const struct flow_lookup *lookup,
					  const struct lb_bucket *bucket)
{
	__u64 key = *(volatile __u64 *)&entry_at(bucket, lookup->preferred)->key;

	barrier_var(key);
}

/*
 * Searches one line for the flow, from its preferred entry on. Most flows are in their preferred
 * entry, so that has a branch of its own. It is predicted well while the table is sparse. It lets
 * the CPU continue with the flow's backend before the comparison is done.
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
	barrier_var(entry); /* the verifier has to see the mask */
	lookup->entry = entry;
	flow = entry_at(bucket, entry);
	key = *(volatile __u64 *)&flow->key;
	lookup->data = *(volatile __u64 *)&flow->data;
	return key == lookup->key;
}

/* Searches the client's bucket for its flow with a service. True also for an expired flow. */
static __always_inline bool flow_find(struct flow_lookup *lookup, const struct lb_bucket *bucket,
				      __u16 service)
{
	lookup->key = lookup->client | service;
	return line_find(lookup, bucket, lookup->preferred) ||
	       line_find(lookup, bucket, lookup->preferred ^ LB_LINE_FLOWS);
}

/*
 * False if the client has no flow in its bucket, with any service: the bucket's cold cache line
 * need not be read. True if it may have one; 3 % of the clients without a flow get this answer.
 */
static __always_inline bool flow_may_exist(const struct flow_lookup *lookup)
{
	const __u64 *word = (const void *)fingerprints_get(lookup->bucket);

	return lb_fingerprint_in(*(const volatile __u64 *)word, lb_fingerprint(lookup->hash));
}

/*
 * Frees the entry of the flow that was found. Its data stays, and so does its count, until the
 * entry is taken or swept.
 */
static __always_inline void flow_delete(const struct flow_lookup *lookup, struct lb_bucket *bucket)
{
	struct lb_flow *flow = &bucket->flow[lookup->entry & (LB_BUCKET_FLOWS - 1)];

	__sync_val_compare_and_swap(&flow->key, lookup->key, 0);
}

/* True if backends answer clients directly, so that only requests pass through the balancer. */
static __always_inline bool is_one_way(enum lb_forward forward)
{
	return forward >= LB_FORWARD_DSR;
}

/*
 * True if the packet begins another flow from the port of a flow that its client has closed. Only
 * for one-way forwarding: in the other modes the backend's FIN is seen too, and closes the flow.
 */
static __always_inline bool flow_is_reused(const struct flow_lookup *lookup,
					   const struct packet *packet)
{
	return lb_flow_state(lookup->data) == LB_FLOW_CLIENT_FIN &&
	       is_one_way(lb_flow_forward(lookup->data)) && request_begins_flow(packet);
}

/*
 * True if the packet belongs to the flow that was found. A closed or expired flow still gets late
 * packets; it ends when a packet begins another flow.
 */
static __always_inline bool flow_continues(const struct flow_lookup *lookup,
					   const struct packet *packet)
{
	return !request_begins_flow(packet) || lb_flow_alive(lookup->data, lookup->now);
}

/* True if less than the idle time is left to the flow, or the idle time has been shortened. */
static __always_inline bool needs_refresh(__u64 data, __u32 now, __u32 idle)
{
	__u32 spent = lb_flow_lease(idle) - lb_flow_left(data, now);

	return spent > lb_flow_lease(idle) - idle;
}

/* True if the packet changes nothing in the flow's entry, as is the case for most packets. */
static __always_inline bool flow_is_unchanged(const struct flow_lookup *lookup,
					      const struct packet *packet,
					      const struct lb_backend *backend)
{
	return lb_flow_state(lookup->data) == LB_FLOW_ESTABLISHED &&
	       !(packet->tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST)) &&
	       !needs_refresh(lookup->data, lookup->now, backend->idle_established);
}

/* The entry that a new flow can take. */
struct flow_victim {
	__u64 key; /* of its present flow, as read */
	__u32 entry;
	__u32 rank; /* enum flow_rank */
};

/*
 * The priority by which a flow keeps its entry: the state and, among equals, the time left; 0 if
 * there is no flow. By arithmetic: in a full bucket every branch would be unpredictable.
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

/*
 * The lowest priority among the entries of a line. Its low bits are the entry's distance from the
 * preferred one (an exclusive or), so that among equals the nearest entry is selected.
 */
static __always_inline __u64 line_lowest(const struct lb_bucket *bucket, __u32 preferred,
					 __u32 steps, __u32 now)
{
	__u64 lowest = ~0ULL >> 1;

	for (__u32 i = 0; i < LB_LINE_FLOWS; i++) {
		const struct lb_flow *flow = entry_at(bucket, preferred ^ (steps + i));
		__u64 key = *(volatile __u64 *)&flow->key;
		__u64 priority = entry_priority(key, *(volatile __u64 *)&flow->data, now);

		lowest = branchless_min(priority * LB_BUCKET_FLOWS + steps + i, lowest);
	}
	return lowest;
}

static __always_inline __u32 rank_of_priority(__u64 priority)
{
	__u32 state = priority >> PRIORITY_STATE_SHIFT;

	return state < FLOW_RANK_PROTECTED ? state : FLOW_RANK_PROTECTED;
}

/*
 * Sets *victim to the entry of a bucket that a new flow can take. Returns 0, or -1 in case of a
 * bug. Global function: verified once.
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
		lowest = branchless_min(line_lowest(bucket, preferred, LB_LINE_FLOWS, now), lowest);
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

/* The entry for a new flow: that of the client's previous flow, else the one of lowest rank. */
static __always_inline struct flow_victim flow_select_victim(const struct flow_lookup *lookup,
							     bool is_tracked)
{
	struct flow_victim victim = {lookup->key, lookup->entry, FLOW_RANK_FREE};

	if (!is_tracked)
		flow_find_victim(&victim, lookup->bucket, lookup->preferred, lookup->now);
	return victim;
}

/* Claims an entry with the key that was read. False if another CPU was faster. */
static __always_inline bool entry_claim(struct lb_flow *flow, __u64 key)
{
	return __sync_val_compare_and_swap(&flow->key, key, LB_FLOW_BUSY) == key;
}

/* The data of a new flow. */
static __always_inline __u64 entry_data(const struct target *target, enum lb_flow_state state,
					__u32 now)
{
	__u32 expires = now + lb_flow_lease(lb_flow_idle(target->backend, state));
	bool counted = backend_is_counted(target->backend) && state != LB_FLOW_CLOSED;

	return (counted ? LB_FLOW_COUNTED : 0) |
	       lb_flow_data(target->id, state, target->forward, now >> LB_CREATED_SHIFT, expires);
}

/*
 * Writes a new flow into an entry that the caller has claimed, and adjusts both backends' counts.
 * Plain stores suffice: their order matters only to a packet of this very flow that another CPU
 * processes within nanoseconds.
 */
static __always_inline void entry_write(struct lb_flow *flow, __u64 key, __u64 data)
{
	if (unlikely(*(volatile __u64 *)&flow->data & LB_FLOW_COUNTED))
		load_release(flow);
	if (unlikely(data & LB_FLOW_COUNTED))
		load_add(lb_flow_backend(data), 1);
	flow->data = data;
	*(volatile __u64 *)&flow->key = key;
}

/*
 * Inserts the flow of a lookup. False if the victim is never evicted, or another CPU took its
 * entry. The fingerprint is written before the key: without a fingerprint there is no key.
 */
static __always_inline bool flow_insert(const struct flow_lookup *lookup,
					const struct flow_victim *victim, struct lb_bucket *bucket,
					const struct target *target, enum lb_flow_state state)
{
	__u32 entry = victim->entry & (LB_BUCKET_FLOWS - 1);
	struct lb_flow *flow = &bucket->flow[entry];

	if (victim->rank == FLOW_RANK_PROTECTED || !entry_claim(flow, victim->key))
		return false;
	*(volatile __u8 *)&fingerprints_get(lookup->bucket)->entry[entry] =
		lb_fingerprint(lookup->hash);
	entry_write(flow, lookup->key, entry_data(target, state, lookup->now));
	return true;
}

#endif
