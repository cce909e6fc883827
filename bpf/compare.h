/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who has less to do? Backends are drawn from the slot table, so in proportion to their
 * weights, and the one that would have the fewest flows for its weight with one more
 * gets it: of two draws (p2c), of all if they are few, else of eight draws (lc), and
 * of two by those flows times the time that the backend takes to answer (lrt).
 *
 * Two draws and not the least of all, for response times: these are of the past, and
 * whoever was fastest then would be given everything until it is the slowest. So the
 * slower of two still gets a quarter. A backend that nothing is known of, or
 * nothing new, counts as the mean of all.
 *
 * Fractions are compared by cross multiplication: 26 bits are a weight, 26 a count,
 * and with a time, which takes 20, counts are cut to 18.
 */
#ifndef LB_BPF_COMPARE_H
#define LB_BPF_COMPARE_H

#include "load.h"

#define DRAWS	     8
#define RESPONSE_MAX ((1U << 20) - 1)
#define FLOWS_MAX    ((1U << 18) - 1)

struct candidate {
	__u32 id;
	__u32 weight;
	__u64 work; /* what another flow would make it, not yet divided by the weight */
};

/* The successive draws of one choice: a linear congruence (Knuth's MMIX) from one random number. */
static __always_inline __u32 draw(const struct lb_slots *table, __u64 *random)
{
	__u32 slot;

	*random = *random * 6364136223846793005ULL + 1442695040888963407ULL;
	slot = lb_scale(*random, table->length);
	return table->backend[slot & (LB_SLOTS - 1)];
}

static __always_inline __u64 first_random(void)
{
	__u64 random = bpf_get_prandom_u32();

	return random << 32 | random;
}

/* By flows. A count of less than 0 is of a flow that ended while it was being counted. */
static __always_inline struct candidate candidate_of(__u32 id)
{
	struct lb_load *load = load_get(id);
	struct candidate candidate = {.id = id};
	__s32 count;

	if (!load)
		return candidate;
	count = *(volatile __s32 *)&load->flows;
	candidate.work = count < 0 ? 1 : (__u64)count + 1;
	candidate.weight = *(volatile __u32 *)&load->weight;
	return candidate;
}

static __always_inline __u64 at_most(__u64 value, __u64 most)
{
	return value < most ? value : most;
}

/* Of the past few seconds; 0 if there was none. */
static __always_inline __u32 response_of(__u32 response_us, __u32 tick, __u32 now)
{
	return now - tick < LB_RESPONSE_TICKS ? response_us : 0;
}

/* By flows and response time. */
static __always_inline struct candidate candidate_timed(__u32 id, __u32 mean_us, __u32 tick)
{
	struct candidate candidate = candidate_of(id);
	struct lb_load *load = load_get(id);
	__u32 us = load ? response_of(load->response_us, load->response_tick, tick) : 0;

	candidate.work =
		at_most(candidate.work, FLOWS_MAX) * at_most(us ? us : mean_us, RESPONSE_MAX);
	return candidate;
}

static __always_inline bool is_better(const struct candidate *a, const struct candidate *b)
{
	return a->work * b->weight < b->work * a->weight;
}

/* A function of its own, as the next ones: verified once. */
__noinline __u32 fewer_of_two(__u32 index)
{
	const struct lb_slots *table = map_get(&slots, index);
	__u64 random = first_random();
	struct candidate a, b;

	if (!table)
		return 0;
	a = candidate_of(draw(table, &random));
	b = candidate_of(draw(table, &random));
	return is_better(&b, &a) ? b.id : a.id;
}

__noinline __u32 faster_of_two(__u32 index, __u32 mean_us, __u32 tick)
{
	const struct lb_slots *table = map_get(&slots, index);
	__u64 random = first_random();
	struct candidate a, b;

	if (!table)
		return 0;
	a = candidate_timed(draw(table, &random), mean_us, tick);
	b = candidate_timed(draw(table, &random), mean_us, tick);
	return is_better(&b, &a) ? b.id : a.id;
}

/* Begins anywhere, so that of equals each has its turn. */
__noinline __u32 fewest_of_all(__u32 index)
{
	const struct lb_slots *table = map_get(&slots, index);
	struct candidate best = {0};
	__u32 place;

	if (!table)
		return 0;
	place = lb_scale(first_random(), table->members);
	for (__u32 i = 0; i < LB_MEMBERS_MAX && i < table->members; i++) {
		struct candidate next = candidate_of(table->member[place & (LB_MEMBERS_MAX - 1)]);

		if (!best.id || is_better(&next, &best))
			best = next;
		place = place + 1 < table->members ? place + 1 : 0;
	}
	return best.id;
}

__noinline __u32 fewest_of_draws(__u32 index)
{
	const struct lb_slots *table = map_get(&slots, index);
	__u64 random = first_random();
	struct candidate best = {0};

	if (!table)
		return 0;
	for (__u32 i = 0; i < DRAWS; i++) {
		struct candidate next = candidate_of(draw(table, &random));

		if (!best.id || is_better(&next, &best))
			best = next;
	}
	return best.id;
}

/* The backend for a new flow, by what the service's slot table of this index asks for. */
static __always_inline __u32 compare(const struct lb_service *service, const struct lb_slots *table,
				     __u32 index)
{
	__u32 tick;

	if (table->pick == LB_PICK_FEWER)
		return fewer_of_two(index);
	if (table->pick == LB_PICK_FEWEST)
		return table->members ? fewest_of_all(index) : fewest_of_draws(index);
	tick = now() >> LB_TICK_SHIFT;
	return faster_of_two(
		index, response_of(service->response_us, service->response_tick, tick) + 1, tick);
}

#endif
