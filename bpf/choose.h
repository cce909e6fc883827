/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who shall have it? A service's slot table holds backend ids in the proportion
 * and order that userspace made of their weights; a scheduler is a way to pick a
 * slot. No loop, no division, no look at any backend.
 */
#ifndef LB_BPF_CHOOSE_H
#define LB_BPF_CHOOSE_H

#include "flow.h"

#define CURSOR_MAX (1ULL << 31)

/*
 * n modulo the table's length, for n below 2^32: multiplication by the
 * reciprocal leaves the fraction, and the fraction times the length is the
 * remainder (Lemire, Kaser, Kurz: "Faster remainder by direct computation",
 * 2019; the 128-bit product is done in halves, as the length is short).
 */
static __always_inline __u32 slot_remainder(const struct lb_slots *table, __u64 n)
{
	__u64 fraction = table->reciprocal * n;
	__u64 low = ((fraction & 0xffffffff) * table->length) >> 32;

	return ((fraction >> 32) * table->length + low) >> 32;
}

/*
 * The next slot in turn, exact over all CPUs. The cursor is put back by a
 * multiple of the length before it outgrows the remainder's range.
 */
static __always_inline __u32 slot_next(const struct lb_slots *table, __u64 *cursor)
{
	__u64 n = __sync_fetch_and_add(cursor, 1);

	if (n < CURSOR_MAX)
		return slot_remainder(table, n);
	__sync_val_compare_and_swap(cursor, n + 1, (n + 1) % table->length);
	return n % table->length;
}

/* What a flow gets that cannot be remembered: each of its packets the same. */
static __always_inline __u32 slot_by_hash(const struct lb_slots *table, __u64 hash)
{
	return lb_scale(hash << 32, table->length);
}

/*
 * The backend id for a new flow, of which `flow` and `source` are hashes of the client
 * with and without its port; 0 when the service has none to offer. A function of its
 * own, so that the verifier looks at it once.
 */
__noinline __u32 choose_backend(__u32 service_id, __u64 flow, __u64 source, bool by_hash)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? map_get(&slots, service->slots) : NULL;
	__u32 slot;

	if (!table || !table->length)
		return 0;
	if (table->pick == LB_PICK_SOURCE)
		slot = slot_by_hash(table, source);
	else if (by_hash || table->pick == LB_PICK_FLOW)
		slot = slot_by_hash(table, flow);
	else if (table->pick == LB_PICK_NEXT)
		slot = slot_next(table, &service->cursor);
	else
		slot = lb_scale((__u64)bpf_get_prandom_u32() << 32, table->length);
	return table->backend[slot & (LB_SLOTS - 1)];
}

/*
 * Does a hash name the backends of all its flows, remembered or not? A function of its
 * own: Linux 6.1 loses sight of the id's bounds where it is looked at twice.
 */
__noinline int service_goes_by_hash(__u32 service_id)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? map_get(&slots, service->slots) : NULL;

	return table && (table->pick == LB_PICK_FLOW || table->pick == LB_PICK_SOURCE);
}

static __always_inline struct target choose(__u32 service, __u64 hash, const __u64 source[2],
					    bool by_hash)
{
	__u32 id = choose_backend(service, hash, lb_source_hash(source, seed()), by_hash);
	struct lb_backend *backend = id ? backend_get(id) : NULL;

	if (!backend)
		return (struct target){0};
	return (struct target){id, lb_backend_forward(*(volatile __u32 *)&backend->flags), backend};
}

#endif
