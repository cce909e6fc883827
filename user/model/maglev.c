// SPDX-License-Identifier: GPL-2.0-only
#include "model/maglev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define NONE LB_SLOTS

/* Position of a backend in its permutation. */
struct permutation {
	__u16 backend;
	__u32 next_slot;
	__u32 step;
	__u32 steps; /* so far */
};

/* Working memory, in one allocation. */
struct plan {
	struct lb_slots shares; /* slots per backend, by index in `permutation` */
	__u32 holder[LB_SLOTS]; /* index in `permutation`; NONE = free */
	__u32 steps[LB_SLOTS]; /* of the holder, to reach the slot */
	struct permutation permutation[LB_SLOTS];
};

/* Sorts by hash, which is the same on all balancers. */
static int compare_hash(const void *left, const void *right)
{
	const struct slot_share *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return 0;
}

/* Sorts the backends with a weight. Returns their number. */
static size_t sort_positive(struct slot_share *sorted, const struct slot_share *shares,
			    size_t count)
{
	size_t positive = 0;

	for (size_t i = 0; i < count; i++)
		if (shares[i].milli)
			sorted[positive++] = shares[i];
	qsort(sorted, positive, sizeof(*sorted), compare_hash);
	return positive;
}

static void init_plan(struct plan *plan, struct slot_share *sorted, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		plan->permutation[i] = (struct permutation){
			.backend = sorted[i].backend,
			.next_slot = sorted[i].hash % LB_SLOTS,
			.step = (sorted[i].hash >> 32) % LB_SLOTS | 1,
		};
		sorted[i].backend = i;
	}
	for (__u32 slot = 0; slot < LB_SLOTS; slot++)
		plan->holder[slot] = NONE;
}

/*
 * A candidate proposes to the next slot of its permutation. The slot accepts if it is free, or
 * if its holder needed more steps to reach it. Returns the backend that is left without a slot;
 * NONE if there is none.
 */
static __u32 try_next_slot(struct plan *plan, __u32 candidate)
{
	struct permutation *permutation = &plan->permutation[candidate];
	__u32 slot = permutation->next_slot, holder = plan->holder[slot],
	      steps = permutation->steps++;

	permutation->next_slot = (slot + permutation->step) % LB_SLOTS;
	if (holder != NONE &&
	    (plan->steps[slot] < steps || (plan->steps[slot] == steps && holder < candidate)))
		return candidate;
	plan->holder[slot] = candidate;
	plan->steps[slot] = steps;
	return holder;
}

int maglev_build(struct lb_slots *slots, const struct slot_share *shares, size_t count)
{
	_free_ struct slot_share *sorted = calloc(count + 1, sizeof(*sorted));
	_free_ struct plan *plan = malloc(sizeof(*plan));
	int error;

	if (!sorted || !plan)
		return -ENOMEM;
	count = sort_positive(sorted, shares, count);
	if (count > LB_SLOTS)
		return -E2BIG;
	init_plan(plan, sorted, count);
	error = slot_order_build_full(&plan->shares, sorted, count);
	if (error)
		return error;
	slots->length = plan->shares.length;
	slots->reciprocal = plan->shares.reciprocal;
	memset(slots->backend, 0, sizeof(slots->backend));
	for (__u32 entry = 0; entry < slots->length; entry++)
		for (__u32 candidate = plan->shares.backend[entry]; candidate != NONE;)
			candidate = try_next_slot(plan, candidate);
	for (__u32 slot = 0; slot < slots->length; slot++)
		slots->backend[slot] = plan->permutation[plan->holder[slot]].backend;
	return 0;
}
