// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/slot_order.h"

#define NOBODY LB_SLOTS

/* A backend that gets something, and its place in the order being made. */
struct part {
	__u64 weight;
	__u64 remainder; /* of the slots it is due beyond whole ones, in 1/(sum of weights) */
	__u32 slots; /* in one period */
	__u32 turn; /* of its slots, the next to be placed */
	__u32 next; /* part that becomes eligible at the same slot; NOBODY = none */
	__u16 backend;
};

/* Everything that building needs, in one allocation. */
struct plan {
	__u32 count; /* of parts */
	__u32 period; /* slots after which the order repeats */
	__u32 heap_size;
	struct part part[LB_SLOTS];
	struct part *sorted[LB_SLOTS];
	__u32 eligible[LB_SLOTS]; /* by slot: first part whose turn may be taken from here on */
	__u64 heap[LB_SLOTS]; /* turns that may be taken now, by urgency() */
};

static int collect(struct plan *plan, const struct slots_share *shares, size_t count)
{
	plan->count = 0;
	for (size_t i = 0; i < count; i++) {
		if (!shares[i].milli)
			continue;
		if (plan->count == LB_SLOTS)
			return -E2BIG;
		plan->part[plan->count++] = (struct part){
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

/* Divides the weights by what they have in common; returns their sum. */
static __u64 reduce(struct plan *plan)
{
	__u64 divisor = 0;
	__u64 sum = 0;

	for (__u32 i = 0; i < plan->count; i++)
		divisor = common_divisor(plan->part[i].weight, divisor);
	for (__u32 i = 0; i < plan->count; i++) {
		plan->part[i].weight /= divisor;
		plan->part[i].slots = plan->part[i].weight;
		sum += plan->part[i].weight;
	}
	return sum;
}

/* Parts lie in one array, so comparing where they lie is comparing their index. */
static int compare_place(const struct part *a, const struct part *b)
{
	return a < b ? -1 : a > b;
}

static int compare_weight(const void *left, const void *right)
{
	const struct part *a = *(struct part *const *)left;
	const struct part *b = *(struct part *const *)right;

	if (a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	return compare_place(a, b);
}

/* Largest first. */
static int compare_remainder(const void *left, const void *right)
{
	const struct part *a = *(struct part *const *)left;
	const struct part *b = *(struct part *const *)right;

	if (a->remainder != b->remainder)
		return a->remainder > b->remainder ? -1 : 1;
	return compare_place(a, b);
}

/*
 * By largest remainder. The lightest come first: as long as the lightest that is
 * left is due less than one slot of those left, it gets one. Each that does so
 * leaves less for the others, so the test is made anew with what is left.
 */
static void apportion(struct plan *plan, __u64 sum)
{
	__u32 slots = LB_SLOTS;
	__u32 left;
	__u32 i;

	for (i = 0; i < plan->count; i++)
		plan->sorted[i] = &plan->part[i];
	qsort(plan->sorted, plan->count, sizeof(plan->sorted[0]), compare_weight);
	for (i = 0; i < plan->count && plan->sorted[i]->weight * slots < sum; i++) {
		plan->sorted[i]->slots = 1;
		sum -= plan->sorted[i]->weight;
		slots--;
	}
	left = slots;
	for (__u32 k = i; k < plan->count; k++) {
		struct part *part = plan->sorted[k];

		part->slots = part->weight * slots / sum;
		part->remainder = part->weight * slots % sum;
		left -= part->slots;
	}
	qsort(plan->sorted + i, plan->count - i, sizeof(plan->sorted[0]), compare_remainder);
	for (; left; left--)
		plan->sorted[i++]->slots++;
}

/* Slot from which a part's next turn may be taken. */
static __u32 release(const struct plan *plan, const struct part *part)
{
	return part->turn * plan->period / part->slots;
}

/* Slot before which it must be. */
static __u32 deadline(const struct plan *plan, const struct part *part)
{
	return ((part->turn + 1) * plan->period + part->slots - 1) / part->slots;
}

/* Smaller is more urgent: earlier deadline, larger weight, lower index, which comes back. */
static __u64 urgency(const struct plan *plan, __u32 index)
{
	const struct part *part = &plan->part[index];

	return (__u64)deadline(plan, part) << 32 | (LB_SLOTS - part->slots) << 16 | index;
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
	__u32 place = 0;

	for (;;) {
		__u32 child = 2 * place + 1;

		if (child + 1 < plan->heap_size && plan->heap[child + 1] < plan->heap[child])
			child++;
		if (child >= plan->heap_size || plan->heap[child] >= last)
			break;
		plan->heap[place] = plan->heap[child];
		place = child;
	}
	plan->heap[place] = last;
	return top;
}

static void await(struct plan *plan, __u32 index, __u32 slot)
{
	plan->part[index].next = plan->eligible[slot];
	plan->eligible[slot] = index;
}

/*
 * One period, earliest deadline first. There is always a turn to take: turns that
 * may be taken up to slot t number at least t + 1, as each backend's number at
 * least (t + 1) * w / S, rounded up.
 */
static void order(struct plan *plan, __u16 *backend)
{
	plan->heap_size = 0;
	for (__u32 slot = 0; slot < plan->period; slot++)
		plan->eligible[slot] = NOBODY;
	for (__u32 i = 0; i < plan->count; i++)
		await(plan, i, 0);
	for (__u32 slot = 0; slot < plan->period; slot++) {
		struct part *part;
		__u32 index, from;

		for (index = plan->eligible[slot]; index != NOBODY; index = plan->part[index].next)
			push(plan, urgency(plan, index));
		index = pop(plan) & 0xffff;
		part = &plan->part[index];
		backend[slot] = part->backend;
		if (++part->turn == part->slots)
			continue;
		/* Windows of successive turns overlap by up to one slot: this one. */
		from = release(plan, part);
		await(plan, index, from > slot ? from : slot + 1);
	}
}

static void write_slots(struct lb_slots *slots, struct plan *plan)
{
	__u32 period = plan->period;
	__u32 length = period ? LB_SLOTS / period * period : 0;

	if (period)
		order(plan, slots->backend);
	for (__u32 slot = period; slot < length; slot++)
		slots->backend[slot] = slots->backend[slot - period];
	memset(slots->backend + length, 0, (LB_SLOTS - length) * sizeof(slots->backend[0]));
	slots->length = length;
	slots->reciprocal = length ? ~0ULL / length + 1 : 0;
}

static int build(struct lb_slots *slots, const struct slots_share *shares, size_t count, bool whole)
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
	if (sum > LB_SLOTS || (whole && sum && LB_SLOTS % sum)) {
		apportion(plan, sum);
		plan->period = LB_SLOTS;
	}
	write_slots(slots, plan);
	return 0;
}

int slots_build(struct lb_slots *slots, const struct slots_share *shares, size_t count)
{
	return build(slots, shares, count, false);
}

int slots_build_whole(struct lb_slots *slots, const struct slots_share *shares, size_t count)
{
	return build(slots, shares, count, true);
}

void slots_list(struct lb_slots *slots, const struct slots_share *shares, size_t count)
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
