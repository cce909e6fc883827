// SPDX-License-Identifier: GPL-2.0-only
#include "model/maglev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define NOBODY LB_SLOTS

/* Where a backend is in its permutation. */
struct walk {
	__u16 backend;
	__u32 at;
	__u32 step;
	__u32 steps; /* taken so far */
};

/* Everything that building needs, in one allocation. */
struct plan {
	struct lb_slots shares; /* by place in `walk`: who is to have how many */
	__u32 holder[LB_SLOTS]; /* place in `walk` */
	__u32 steps[LB_SLOTS]; /* that it took to come there */
	struct walk walk[LB_SLOTS];
};

/* By hash: what all balancers agree on. */
static int compare_hash(const void *left, const void *right)
{
	const struct slots_share *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return 0;
}

/* Those that get anything, in order; how many. */
static size_t sort(struct slots_share *sorted, const struct slots_share *shares, size_t count)
{
	size_t positive = 0;

	for (size_t i = 0; i < count; i++)
		if (shares[i].milli)
			sorted[positive++] = shares[i];
	qsort(sorted, positive, sizeof(*sorted), compare_hash);
	return positive;
}

static void start(struct plan *plan, struct slots_share *sorted, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		plan->walk[i] = (struct walk){
			.backend = sorted[i].backend,
			.at = sorted[i].hash % LB_SLOTS,
			.step = (sorted[i].hash >> 32) % LB_SLOTS | 1,
		};
		sorted[i].backend = i;
	}
	for (__u32 slot = 0; slot < LB_SLOTS; slot++)
		plan->holder[slot] = NOBODY;
}

/*
 * A backend asks the next slot of its permutation, which takes it if it is free, or
 * held by one who had to go further through its own. Returns who is without a slot
 * then; NOBODY.
 */
static __u32 ask(struct plan *plan, __u32 who)
{
	struct walk *walk = &plan->walk[who];
	__u32 slot = walk->at, holder = plan->holder[slot], steps = walk->steps++;

	walk->at = (slot + walk->step) % LB_SLOTS;
	if (holder != NOBODY &&
	    (plan->steps[slot] < steps || (plan->steps[slot] == steps && holder < who)))
		return who;
	plan->holder[slot] = who;
	plan->steps[slot] = steps;
	return holder;
}

int maglev_build(struct lb_slots *slots, const struct slots_share *shares, size_t count)
{
	_free_ struct slots_share *sorted = calloc(count + 1, sizeof(*sorted));
	_free_ struct plan *plan = malloc(sizeof(*plan));
	int error;

	if (!sorted || !plan)
		return -ENOMEM;
	count = sort(sorted, shares, count);
	if (count > LB_SLOTS)
		return -E2BIG;
	start(plan, sorted, count);
	error = slots_build_whole(&plan->shares, sorted, count);
	if (error)
		return error;
	slots->length = plan->shares.length;
	slots->reciprocal = plan->shares.reciprocal;
	memset(slots->backend, 0, sizeof(slots->backend));
	for (__u32 turn = 0; turn < slots->length; turn++)
		for (__u32 who = plan->shares.backend[turn]; who != NOBODY;)
			who = ask(plan, who);
	for (__u32 slot = 0; slot < slots->length; slot++)
		slots->backend[slot] = plan->walk[plan->holder[slot]].backend;
	return 0;
}
