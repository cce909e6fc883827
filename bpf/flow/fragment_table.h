/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fragment table: destinations of later fragments, because only a packet's first one has ports.
 *
 * The first fragment records its destination under the packet's addresses, protocol and id. A later
 * fragment that arrives before the first one, or after LB_FRAGMENT_TICKS, is not matched: that is
 * rare, and the balancer does not store packets.
 *
 * A line is a cache line of words, one per packet:
 *
 *     tag:26 | source:6 | target:16 | forward:3 | is_reply:1 | tick:12
 *
 * `target` is the backend. In snat mode `source` is the index of the SNAT source address, and for a
 * reply `target` is the port there.
 *
 * The hash that selects line and tag is keyed with the instance's secret, so no client can target a
 * line. In a full line the oldest packet is replaced. In a flood of first fragments the valid ones
 * are young, because the rest of a packet follows at once.
 */
#ifndef BPF_FLOW_FRAGMENT_TABLE_H
#define BPF_FLOW_FRAGMENT_TABLE_H

#include "core/endpoints.h"
#include "packet/packet.h"

#define FRAGMENT_TICK_MASK 0xfff
#define FRAGMENT_TAG_SHIFT 38

struct fragment_record {
	__u64 hash;
	__u32 now; /* tick */
	__u16 target; /* 0: passed to the stack */
	__u8 source;
	__u8 forward; /* enum lb_forward */
	bool is_reply;
};

static __always_inline __u16 fragment_target(__u64 entry)
{
	return entry >> 16;
}

static __always_inline __u32 fragment_source(__u64 entry)
{
	return entry >> 32 & (LB_SNAT_SOURCES_MAX - 1);
}

static __always_inline enum lb_forward fragment_forward(__u64 entry)
{
	return entry >> 13 & 7;
}

static __always_inline bool fragment_is_reply(__u64 entry)
{
	return entry >> 12 & 1;
}

/* True if the word belongs to the packet with this hash. */
static __always_inline bool fragment_has_tag(__u64 entry, __u64 hash)
{
	return entry >> FRAGMENT_TAG_SHIFT == hash >> FRAGMENT_TAG_SHIFT;
}

static __always_inline __u64 fragment_hash(const struct packet *packet)
{
	__u64 hash = lb_mix(packet->source[0], seed());

	hash = lb_mix(hash + packet->source[1], seed());
	hash = lb_mix(hash + packet->destination[0], seed());
	hash = lb_mix(hash + packet->destination[1], seed());
	if (packet->is_ipv4) /* ids are per protocol; later IPv6 fragments do not show it */
		hash += (__u64)packet->protocol << 32;
	return lb_mix(hash + packet->fragment_id, seed());
}

static __always_inline __u32 fragment_age(__u64 entry, __u32 now)
{
	return (now - entry) & FRAGMENT_TICK_MASK;
}

/* The line of a hash; NULL only in case of a bug. */
static __always_inline __u64 *fragment_line(__u64 hash)
{
	struct lb_fragments *table = map_get(&fragments, 0);

	return table ? table->entry[hash & (LB_FRAGMENT_LINES - 1)] : NULL;
}

/*
 * Records a packet, in its present word or in the oldest one of its line. Returns 0, or -1 in case
 * of a bug.
 */
__noinline int fragment_write(const struct fragment_record *record)
{
	__u64 *line = record ? fragment_line(record->hash) : NULL;
	__u32 index = 0, oldest = 0;

	if (!line)
		return -1;
	for (__u32 i = 0; i < LB_LINE_FRAGMENTS; i++) {
		__u64 entry = *(volatile __u64 *)&line[i];
		__u32 age = entry ? fragment_age(entry, record->now) : FRAGMENT_TICK_MASK;

		if (fragment_has_tag(entry, record->hash))
			age = FRAGMENT_TICK_MASK + 1;
		if (age >= oldest) {
			oldest = age;
			index = i;
		}
	}
	*(volatile __u64 *)&line[index & (LB_LINE_FRAGMENTS - 1)] =
		record->hash >> FRAGMENT_TAG_SHIFT << FRAGMENT_TAG_SHIFT |
		(__u64)record->source << 32 | (__u64)record->target << 16 | record->forward << 13 |
		record->is_reply << 12 | (record->now & FRAGMENT_TICK_MASK);
	return 0;
}

/* The word of the packet with this hash; 0 if there is none, or it is too old. */
__noinline __u64 fragment_find(__u64 hash, __u32 now)
{
	__u64 *line = fragment_line(hash);

	for (__u32 i = 0; i < LB_LINE_FRAGMENTS && line; i++) {
		__u64 entry = *(volatile __u64 *)&line[i];

		if (entry && fragment_has_tag(entry, hash) &&
		    fragment_age(entry, now) < LB_FRAGMENT_TICKS)
			return entry;
	}
	return 0;
}

/* Records a first fragment to a backend, or from one; backend 0: passed to the stack. */
static __always_inline void fragment_record(const struct packet *packet, __u32 backend,
					    enum lb_forward forward, bool is_reply)
{
	struct fragment_record record = {
		.hash = fragment_hash(packet),
		.now = packet->now,
		.target = backend,
		.forward = forward,
		.is_reply = is_reply,
	};

	fragment_write(&record);
}

/* Likewise in snat mode, with the index of its SNAT port. */
static __always_inline void fragment_record_snat(const struct packet *packet, __u32 backend,
						 __u32 index, bool is_reply)
{
	struct fragment_record record = {
		.hash = fragment_hash(packet),
		.now = packet->now,
		.target = is_reply ? index : backend,
		.source = index / LB_SNAT_PORTS,
		.forward = LB_FORWARD_SNAT,
		.is_reply = is_reply,
	};

	fragment_write(&record);
}

#endif
