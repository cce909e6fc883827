// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/slot_order.h"

#define NONE LB_SLOTS

/* A backend with a weight, and its progress in the order. */
struct entry {
	__u64 weight;
	__u64 remainder; /* fraction of a slot that is due, in 1/(sum of weights) */
	__u32 slots; /* in one period */
	__u32 placed; /* number of slots placed so far */
	__u32 next; /* entry that becomes eligible at the same slot; NONE = none */
	__u16 backend;
};

/* Working memory, in one allocation. */
struct plan {
	__u32 count; /* of entries */
	__u32 period; /* slots after which the order repeats */
	__u32 heap_size;
	struct entry entry[LB_SLOTS];
	struct entry *sorted[LB_SLOTS];
	__u32 eligible[LB_SLOTS]; /* by slot: first entry that becomes eligible there */
	__u64 heap[LB_SLOTS]; /* eligible entries, by priority() */
};

static int collect(struct plan *plan, const struct slot_share *shares, size_t count)
{
	plan->count = 0;
	for (size_t i = 0; i < count; i++) {
		if (!shares[i].milli)
			continue;
		if (plan->count == LB_SLOTS)
			return -E2BIG;
		plan->entry[plan->count++] = (struct entry){
			.weight = shares[i].milli,
			.backend = shares[i].backend,
		};
	}
	return 0;
}

static __u64 common_divisor(__u64 a, __u64 b)
{
	while (b) {
		__u64 rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Divides the weights by their greatest common divisor. Returns their sum. */
static __u64 reduce(struct plan *plan)
{
	__u64 divisor = 0;
	__u64 sum = 0;

	for (__u32 i = 0; i < plan->count; i++)
		divisor = common_divisor(plan->entry[i].weight, divisor);
	for (__u32 i = 0; i < plan->count; i++) {
		plan->entry[i].weight /= divisor;
		plan->entry[i].slots = plan->entry[i].weight;
		sum += plan->entry[i].weight;
	}
	return sum;
}

/* Entries are in one array, so their pointers are ordered like their indexes. */
static int compare_index(const struct entry *a, const struct entry *b)
{
	return a < b ? -1 : a > b;
}

static int compare_weight(const void *left, const void *right)
{
	const struct entry *a = *(struct entry *const *)left;
	const struct entry *b = *(struct entry *const *)right;

	if (a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	return compare_index(a, b);
}

/* Largest first. */
static int compare_remainder(const void *left, const void *right)
{
	const struct entry *a = *(struct entry *const *)left;
	const struct entry *b = *(struct entry *const *)right;

	if (a->remainder != b->remainder)
		return a->remainder > b->remainder ? -1 : 1;
	return compare_index(a, b);
}

/*
 * Largest remainder. The lightest entries come first: while the lightest remaining entry is
 * due less than one of the remaining slots, it gets one. Each of these leaves less for the
 * others, so the test uses the remaining slots and weights.
 */
static void apportion(struct plan *plan, __u64 sum)
{
	__u32 slots = LB_SLOTS;
	__u32 left;
	__u32 i;

	for (i = 0; i < plan->count; i++)
		plan->sorted[i] = &plan->entry[i];
	qsort(plan->sorted, plan->count, sizeof(plan->sorted[0]), compare_weight);
	for (i = 0; i < plan->count && plan->sorted[i]->weight * slots < sum; i++) {
		plan->sorted[i]->slots = 1;
		sum -= plan->sorted[i]->weight;
		slots--;
	}
	left = slots;
	for (__u32 k = i; k < plan->count; k++) {
		struct entry *entry = plan->sorted[k];

		entry->slots = entry->weight * slots / sum;
		entry->remainder = entry->weight * slots % sum;
		left -= entry->slots;
	}
	qsort(plan->sorted + i, plan->count - i, sizeof(plan->sorted[0]), compare_remainder);
	for (; left; left--)
		plan->sorted[i++]->slots++;
}

/* First slot at which an entry may be placed next. */
static __u32 release_slot(const struct plan *plan, const struct entry *entry)
{
	return entry->placed * plan->period / entry->slots;
}

/* Slot before which it must be placed. */
static __u32 deadline_slot(const struct plan *plan, const struct entry *entry)
{
	return ((entry->placed + 1) * plan->period + entry->slots - 1) / entry->slots;
}

/* Smaller is more urgent: earlier deadline, larger weight, lower index in the low 16 bits. */
static __u64 priority(const struct plan *plan, __u32 index)
{
	const struct entry *entry = &plan->entry[index];

	return (__u64)deadline_slot(plan, entry) << 32 | (LB_SLOTS - entry->slots) << 16 | index;
}

static void push(struct plan *plan, __u64 key)
{
	__u32 child = plan->heap_size++;

	while (child && plan->heap[(child - 1) / 2] > key) {
		plan->heap[child] = plan->heap[(child - 1) / 2];
		child = (child - 1) / 2;
	}
	plan->heap[child] = key;
}

static __u64 pop(struct plan *plan)
{
	__u64 top = plan->heap[0];
	__u64 last = plan->heap[--plan->heap_size];
	__u32 hole = 0;

	for (;;) {
		__u32 child = 2 * hole + 1;

		if (child + 1 < plan->heap_size && plan->heap[child + 1] < plan->heap[child])
			child++;
		if (child >= plan->heap_size || plan->heap[child] >= last)
			break;
		plan->heap[hole] = plan->heap[child];
		hole = child;
	}
	plan->heap[hole] = last;
	return top;
}

static void make_eligible(struct plan *plan, __u32 index, __u32 slot)
{
	plan->entry[index].next = plan->eligible[slot];
	plan->eligible[slot] = index;
}

/*
 * Fills one period, earliest deadline first. An entry is always eligible: up to slot t each
 * backend may be placed (t + 1) * w / S times, rounded up, so all together at least t + 1 times.
 */
static void build_period(struct plan *plan, __u16 *backend)
{
	plan->heap_size = 0;
	for (__u32 slot = 0; slot < plan->period; slot++)
		plan->eligible[slot] = NONE;
	for (__u32 i = 0; i < plan->count; i++)
		make_eligible(plan, i, 0);
	for (__u32 slot = 0; slot < plan->period; slot++) {
		struct entry *entry;
		__u32 index, from;

		for (index = plan->eligible[slot]; index != NONE; index = plan->entry[index].next)
			push(plan, priority(plan, index));
		index = pop(plan) & 0xffff;
		entry = &plan->entry[index];
		backend[slot] = entry->backend;
		if (++entry->placed == entry->slots)
			continue;
		/* Windows of successive placements may share a slot: this one. */
		from = release_slot(plan, entry);
		make_eligible(plan, index, from > slot ? from : slot + 1);
	}
}

static void write_slots(struct lb_slots *slots, struct plan *plan)
{
	__u32 period = plan->period;
	__u32 length = period ? LB_SLOTS / period * period : 0;

	if (period)
		build_period(plan, slots->backend);
	for (__u32 slot = period; slot < length; slot++)
		slots->backend[slot] = slots->backend[slot - period];
	memset(slots->backend + length, 0, (LB_SLOTS - length) * sizeof(slots->backend[0]));
	slots->length = length;
	slots->reciprocal = length ? ~0ULL / length + 1 : 0;
}

static int build(struct lb_slots *slots, const struct slot_share *shares, size_t count,
		 bool is_full)
{
	_free_ struct plan *plan = malloc(sizeof(*plan));
	__u64 sum;
	int err;

	if (!plan)
		return -ENOMEM;
	err = collect(plan, shares, count);
	if (err)
		return err;
	sum = reduce(plan);
	plan->period = sum;
	if (sum > LB_SLOTS || (is_full && sum && LB_SLOTS % sum)) {
		apportion(plan, sum);
		plan->period = LB_SLOTS;
	}
	write_slots(slots, plan);
	return 0;
}

int slot_order_build(struct lb_slots *slots, const struct slot_share *shares, size_t count)
{
	return build(slots, shares, count, false);
}

int slot_order_build_full(struct lb_slots *slots, const struct slot_share *shares, size_t count)
{
	return build(slots, shares, count, true);
}

void slot_order_list_members(struct lb_slots *slots, const struct slot_share *shares, size_t count)
{
	__u32 members = 0;

	memset(slots->member, 0, sizeof(slots->member));
	for (size_t i = 0; i < count; i++) {
		if (!shares[i].milli)
			continue;
		if (members < LB_MEMBERS)
			slots->member[members] = shares[i].backend;
		members++;
	}
	for (__u32 i = members; members && i < LB_MEMBERS; i++)
		slots->member[i] = slots->member[i - members];
	slots->members = members <= LB_MEMBERS ? members : 0;
}
