/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slot table access. A service's slot table holds backend ids in the proportion and order that
 * userspace has derived from the weights. To select a slot is to select a backend.
 */
#ifndef BPF_SELECT_SLOTS_H
#define BPF_SELECT_SLOTS_H

#include "core/maps.h"
#include "observe/explain.h"

#define CURSOR_MAX (1ULL << 31)

/*
 * n modulo the table's length, for n below 2^32. Multiplication by the reciprocal leaves the
 * fraction, and the fraction times the length is the remainder (Lemire, Kaser, Kurz: "Faster
 * remainder by direct computation", 2019). The 128-bit product is computed in halves, because the
 * length is short.
 */
static __always_inline __u32 slot_remainder(const struct lb_slots *table, __u64 n)
{
	__u64 fraction = table->reciprocal * n;
	__u64 low = ((fraction & 0xffffffff) * table->length) >> 32;

	return ((fraction >> 32) * table->length + low) >> 32;
}

/*
 * The next slot in order, exact over all CPUs. Before the cursor leaves the remainder's range, it
 * is reduced by a multiple of the length.
 */
static __always_inline __u32 slot_next(const struct lb_slots *table, __u64 *cursor)
{
	__u64 n = __sync_fetch_and_add(cursor, 1);

	if (n < CURSOR_MAX)
		return slot_remainder(table, n);
	__sync_val_compare_and_swap(cursor, n + 1, (n + 1) % table->length);
	return n % table->length;
}

/* The slot of a hash of 32 bits: the same for all packets of an untracked flow. */
static __always_inline __u32 slot_by_hash(const struct lb_slots *table, __u64 hash)
{
	return lb_scale(hash << 32, table->length);
}

static __always_inline __u32 backend_at(const struct lb_slots *table, __u32 slot)
{
	return table->backend[slot & (LB_SLOTS - 1)];
}

/* The backend of the slot, which is noted for `lbctl explain`. */
static __always_inline __u32 backend_by_hash(const struct lb_slots *table, __u64 hash)
{
	__u32 slot = slot_by_hash(table, hash);

	explain_slot(slot, true);
	return backend_at(table, slot);
}

static __always_inline __u32 backend_by_slot(const struct lb_slots *table, __u32 slot)
{
	explain_slot(slot, false);
	return backend_at(table, slot);
}

#endif
