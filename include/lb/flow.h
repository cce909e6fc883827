/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A remembered flow: two words, 16 bytes.
 *
 * The key is exact for IPv4: client address, client port, service (where a service is
 * on all ports, what was asked for is mixed into the client's port). For IPv6 the
 * first 48 bits are a keyed hash of address and port. The service's id is in the
 * low 16 bits either way; a key of 0 is an empty place, and a key whose service
 * is 0 is a place being written, which matches nobody.
 *
 *     key   client address:32 | client port:16 | service:16        IPv4
 *           keyed hash of address and port:48  | service:16        IPv6
 *     data  backend:16 | counted:1 | state:3 | forward:3 | created:19 | expires:22
 *
 * `counted` says that the flow is in its backend's lb_load.flows. `forward` is how its packets reach the backend (enum lb_forward): a flow ends as it
 * began. `created` counts 2^30 ns (1.07 s) and turns over after 6 days; `expires` counts ticks of 2^28 ns (0.27 s), is compared as a signed distance, and so
 * must lie within 6 days of now. Both are of a clock that counts timer interrupts
 * (jiffies, in nanoseconds): reading it costs a packet a load, not a call.
 *
 * An expired flow keeps its backend until its place is wanted: an old connection
 * that speaks up again finds its way, a new one on the same ports is chosen anew.
 */
#ifndef LB_FLOW_H
#define LB_FLOW_H

#include "lb/abi.h"

#define LB_TICK_SHIFT	  28 /* nanoseconds to ticks */
#define LB_CREATED_SHIFT  2 /* ticks to units of `created` */
#define LB_CREATED_NS	  (1ULL << (LB_TICK_SHIFT + LB_CREATED_SHIFT))
#define LB_CREATED_MASK	  ((1U << 19) - 1)
#define LB_FLOW_TIME_MASK ((1U << 22) - 1)
#define LB_FLOW_TIME_MIN  (-(1 << 21)) /* no flow has so little left */

#define LB_FLOW_CLOSED_TICKS 38 /* a closed flow is known for 10 s more, for stragglers */

#define LB_FLOW_COUNTED (1ULL << 47) /* in the data */

#define LB_FLOW_BUSY (1ULL << 16) /* key of a place being written */

static inline __u64 lb_flow_key4(__be32 address, __be16 port, __u16 service)
{
	return (__u64)address << 32 | (__u64)port << 16 | service;
}

/*
 * Each half of the address under a secret word of its own. All that the packet does next waits for
 * this: so halves and port are multiplied side by side, and folded by different shifts, lest
 * what differs in both should cancel out.
 */
static inline __u64 lb_flow_key6(const __u64 address[2], __be16 port, __u16 service,
				 struct lb_seed seed)
{
	__u64 x = (address[0] ^ seed.word[0]) * 0xbf58476d1ce4e5b9ULL;
	__u64 y =
		(address[1] ^ seed.word[1]) * 0x94d049bb133111ebULL + port * 0x9e3779b97f4a7c15ULL;

	x ^= x >> 32;
	y ^= y >> 29;
	x += y;
	x ^= x >> 31;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 32;
	return (x & ~0xffffULL) | service;
}

/*
 * The key, or the client's part of it, of a flow with a service on all ports: the port
 * that it asked for is mixed into its own.
 */
static inline __u64 lb_flow_key_add_port(__u64 key, __be16 vip_port)
{
	return key ^ (__u64)(__u16)(vip_port * 0x9e37U) << 16;
}

static inline __u16 lb_flow_service(__u64 key)
{
	return key & 0xffff;
}

/*
 * The hash that places a key; lb_scale() of it is the bucket, bits 32 to 34 the place. It
 * is of the client alone: so a packet's cache line is on its way before its
 * service is known, and a backend's reply finds the flows with all the services
 * that share it in one bucket. The line waits for this and for nothing else, so it
 * is as short as even spreading allows: address and port are multiplied side by
 * side, and once more together.
 */
static inline __u64 lb_flow_hash(__u64 key, struct lb_seed seed)
{
	__u64 x =
		(key >> 32) * 0xbf58476d1ce4e5b9ULL + (key >> 16 & 0xffff) * 0x94d049bb133111ebULL;

	x += seed.word[0];
	x ^= x >> 32;
	x ^= seed.word[1];
	return x * 0x9e3779b97f4a7c15ULL;
}

/* What a flow's place among the fingerprints has, of its hash: bits that do not place it. */
static inline __u8 lb_fingerprint(__u64 hash)
{
	return hash >> 35;
}

/*
 * Is one of eight fingerprints, a word of them, this one? It leaves a byte of 0, and a word has
 * one if taking 1 from each byte sets a highest bit that was not set (Mycroft, 1987).
 */
static inline int lb_fingerprint_in(__u64 word, __u8 fingerprint)
{
	const __u64 ones = 0x0101010101010101ULL;
	__u64 differs = word ^ fingerprint * ones;

	return ((differs - ones) & ~differs & ones << 7) != 0;
}

/* Silence after which a flow in this state with this backend ends, in ticks. */
static inline __u32 lb_flow_idle(const struct lb_backend *backend, __u8 state)
{
	if (state == LB_FLOW_ESTABLISHED || state >= LB_FLOW_SAMPLED)
		return backend->idle_established;
	if (state > LB_FLOW_ESTABLISHED)
		return backend->idle_closing;
	return state == LB_FLOW_CLOSED ? LB_FLOW_CLOSED_TICKS : backend->idle_new;
}

/*
 * For how long a packet writes the flow's life on: somewhat more than it must, so that
 * the next ones need not write. A flow ends after its idle time, or a 32nd of it later.
 */
static inline __u32 lb_flow_lease(__u32 idle)
{
	return idle + (idle >> 5);
}

static inline __u64 lb_flow_data(__u16 backend, __u8 state, __u8 forward, __u32 created,
				 __u32 expires)
{
	return (__u64)backend << 48 | (__u64)state << 44 | (__u64)forward << 41 |
	       (__u64)(created & LB_CREATED_MASK) << 22 | (expires & LB_FLOW_TIME_MASK);
}

static inline __u16 lb_flow_backend(__u64 data)
{
	return data >> 48;
}

static inline __u8 lb_flow_state(__u64 data)
{
	return data >> 44 & 7;
}

static inline __u8 lb_flow_forward(__u64 data)
{
	return data >> 41 & 7;
}

static inline __u32 lb_flow_created(__u64 data)
{
	return data >> 22 & LB_CREATED_MASK;
}

/* In LB_CREATED_NS, at the tick `now`. */
static inline __u32 lb_flow_age(__u64 data, __u32 now)
{
	return ((now >> LB_CREATED_SHIFT) - lb_flow_created(data)) & LB_CREATED_MASK;
}

/* Ticks left at the tick `now` until the flow expires; 0 or less: it has. */
static inline __s32 lb_flow_left(__u64 data, __u32 now)
{
	__u32 distance = (__u32)data - now;

	return (__s32)(distance << 10) >> 10;
}

/* Does the flow count as one of its backend's current flows? */
static inline int lb_flow_alive(__u64 data, __u32 now)
{
	return lb_flow_state(data) != LB_FLOW_CLOSED && lb_flow_left(data, now) > 0;
}

#endif
