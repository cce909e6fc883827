/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry of the flow table: a tracked flow in two words, 16 bytes.
 *
 * The key is exact for IPv4: client address, client port, service. For a service on all ports, the
 * VIP's port is mixed into the client's port. For IPv6 the upper 48 bits are a keyed hash of
 * address and port. The low 16 bits are the service's id either way. A key of 0 is an empty entry.
 * A key with service 0 is an entry that is being written, which matches no packet.
 *
 *     key   client address:32 | client port:16 | service:16        IPv4
 *           keyed hash of address and port:48  | service:16        IPv6
 *     data  backend:16 | counted:1 | state:3 | forward:3 | created:19 | expires:22
 *
 * `counted`: lb_load.flows of the backend includes the flow. `forward` is the forwarding mode (enum
 * lb_forward), which a flow keeps to its end. `created` counts 2^30 ns (1.07 s) and wraps after 6
 * days. `expires` counts ticks of 2^28 ns (0.27 s). It is compared as a signed distance, so it must
 * lie within 6 days of now. Both use the flow clock, which counts timer interrupts (jiffies, in
 * nanoseconds): to read it costs a packet a load, not a call.
 *
 * An expired flow keeps its backend until another flow takes the entry. So an old connection that
 * continues reaches its backend; for a new one on the same ports a backend is selected again.
 */
#ifndef LB_FLOW_H
#define LB_FLOW_H

#include "lb/abi.h"

#define LB_TICK_SHIFT	  28 /* nanoseconds to ticks */
#define LB_CREATED_SHIFT  2 /* ticks to units of `created` */
#define LB_CREATED_NS	  (1ULL << (LB_TICK_SHIFT + LB_CREATED_SHIFT))
#define LB_CREATED_MASK	  ((1U << 19) - 1)
#define LB_FLOW_TIME_MASK ((1U << 22) - 1)
#define LB_FLOW_TIME_MIN  (-(1 << 21)) /* the least that lb_flow_left() returns */

#define LB_FLOW_CLOSED_TICKS 38 /* a closed flow stays for 10 s, for late packets */

#define LB_FLOW_COUNTED (1ULL << 47) /* in the data */

#define LB_FLOW_BUSY (1ULL << 16) /* key of an entry that is being written */

static inline __u64 lb_flow_key4(__be32 address, __be16 port, __u16 service)
{
	return (__u64)address << 32 | (__u64)port << 16 | service;
}

/*
 * The key of an IPv6 flow. Each half of the address has a secret word of its own. All later steps
 * of a packet wait for this hash, so the halves and the port are multiplied in parallel. They are
 * folded by different shifts, so that differences in both do not cancel out.
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
 * Mixes the VIP's port into the client's port, for a service on all ports. The key may be whole, or
 * its client's part.
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
 * The hash of a key: lb_scale() of it is the bucket, bits 32 to 34 are the preferred entry. It
 * depends on the client alone. So a packet's cache line is loaded before its service is known. A
 * backend's reply finds the client's flows with all services that share the backend in one bucket.
 * The load waits for this hash only, so it is as short as even distribution allows. Address and
 * port are multiplied in parallel, and once more together.
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

/* A flow's fingerprint: bits of its hash that do not select its entry. */
static inline __u8 lb_fingerprint(__u64 hash)
{
	return hash >> 35;
}

/*
 * True if one of eight fingerprints in a word equals this one. The exclusive or leaves a byte of 0
 * then. A word has one if subtracting 1 from each byte sets a top bit that was clear (Mycroft,
 * 1987).
 */
static inline int lb_fingerprint_in(__u64 word, __u8 fingerprint)
{
	const __u64 ones = 0x0101010101010101ULL;
	__u64 differs = word ^ fingerprint * ones;

	return ((differs - ones) & ~differs & ones << 7) != 0;
}

/* Idle timeout of a flow in this state with this backend, in ticks. */
static inline __u32 lb_flow_idle(const struct lb_backend *backend, __u8 state)
{
	if (state == LB_FLOW_ESTABLISHED || state >= LB_FLOW_SAMPLED)
		return backend->idle_established;
	if (state > LB_FLOW_ESTABLISHED)
		return backend->idle_closing;
	return state == LB_FLOW_CLOSED ? LB_FLOW_CLOSED_TICKS : backend->idle_new;
}

/*
 * Ticks by which a packet extends its flow: somewhat more than the idle timeout, so that the next
 * ones need not write the entry. A flow ends after its idle timeout, or up to a 32nd of it later.
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

/* The flow's age at the tick `now`, in LB_CREATED_NS. */
static inline __u32 lb_flow_age(__u64 data, __u32 now)
{
	return ((now >> LB_CREATED_SHIFT) - lb_flow_created(data)) & LB_CREATED_MASK;
}

/* Ticks from `now` until the flow expires; 0 or less if it has expired. */
static inline __s32 lb_flow_left(__u64 data, __u32 now)
{
	__u32 distance = (__u32)data - now;

	return (__s32)(distance << 10) >> 10;
}

/* True if the flow is one of its backend's current flows: neither closed nor expired. */
static inline int lb_flow_alive(__u64 data, __u32 now)
{
	return lb_flow_state(data) != LB_FLOW_CLOSED && lb_flow_left(data, now) > 0;
}

#endif
