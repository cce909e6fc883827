/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Least-load schedulers: p2c, lc and lrt.
 *
 * Candidates are drawn from the slot table, that is in proportion to their weights. The flow goes
 * to the candidate that would have the fewest flows per weight, this one included:
 *
 *     p2c   power of two choices: of two random slots
 *     lc    least connections: of all backends if they are at most LB_MEMBERS, else of four slots
 *     lrt   of two random slots, by flows per weight times response time
 *
 * lrt compares two and not all, because response times are old. The backend that was the fastest
 * would get all flows until it is the slowest. So the slower of two still gets a quarter. A backend
 * without a recent response time counts as the mean of all.
 *
 * Userspace turns weights into prices of a flow, so flows times price is the load to compare. 26
 * bits of count and 22 of price leave room for the id in the same word. The least word is selected
 * by arithmetic, because a branch would be unpredictable. The response time of lrt takes 20 bits,
 * so counts are cut to 18 there.
 */
#ifndef BPF_SELECT_LEAST_LOAD_H
#define BPF_SELECT_LEAST_LOAD_H

#include "core/math.h"
#include "flow/flow_counts.h"
#include "select/slots.h"

#define DRAWS	     4
#define ID_BITS	     16
#define RESPONSE_MAX ((1U << 20) - 1)
#define COUNT_MAX    ((1U << 18) - 1)

/* Flows of a backend including a new one, times the price of a flow. One load reads both. */
static __always_inline __u64 price_of(const struct lb_load *load, __u32 most)
{
	__u64 word = *(volatile __u64 *)&load->flows;
	__u32 count = (__u32)word + 1;

	return (count < most ? count : most) * (word >> 32);
}

/* Load and id of a backend, for comparison; of equal loads the salt selects one. */
static __always_inline __u64 load_rank(__u32 id, __u16 salt)
{
	struct lb_load *load = load_get(id);

	return load ? price_of(load, ~0U) << ID_BITS | (id ^ salt) : ~0ULL >> 1;
}

/* The response time; 0 if the last sample is older than LB_RESPONSE_TICKS. */
static __always_inline __u32 response_of(__u32 response_us, __u32 tick, __u32 now)
{
	return now - tick < LB_RESPONSE_TICKS ? response_us : 0;
}

/* Load of a backend times its response time. */
static __always_inline __u64 response_rank(__u32 id, __u32 mean_us, __u32 tick)
{
	struct lb_load *load = load_get(id);
	__u64 us;

	if (!load)
		return ~0ULL >> 1;
	us = response_of(load->response_us, load->response_tick, tick) ?: mean_us;
	return price_of(load, COUNT_MAX) * (us < RESPONSE_MAX ? us : RESPONSE_MAX);
}

/*
 * The backend of a random slot. One random number serves all draws of a selection: it is the seed
 * of a linear congruential generator (Knuth's MMIX).
 */
static __always_inline __u32 draw(const struct lb_slots *table, __u64 *random)
{
	*random = *random * 6364136223846793005ULL + 1442695040888963407ULL;
	return backend_by_slot(table, lb_scale(*random, table->length));
}

static __always_inline __u64 first_random(void)
{
	__u64 random = bpf_get_prandom_u32();

	return random << 32 | random;
}

/* Each scheduler is a global function: verified once. */
__noinline __u32 p2c_select(const struct lb_slots *table)
{
	__u64 random = first_random();
	__u64 a, b;

	if (!table)
		return 0;
	a = load_rank(draw(table, &random), 0);
	b = load_rank(draw(table, &random), 0);
	return (__u16)branchless_min(a, b);
}

__noinline __u32 lrt_select(const struct lb_slots *table, __u32 mean_us, __u32 tick)
{
	__u64 random = first_random();
	__u64 sign;
	__u32 a, b;

	if (!table)
		return 0;
	a = draw(table, &random);
	b = draw(table, &random);
	sign = (__s64)(response_rank(b, mean_us, tick) - response_rank(a, mean_us, tick)) >> 63;
	barrier_var(sign);
	return a ^ ((a ^ b) & sign);
}

static __always_inline __u64 least_of_four(const __u16 members[4], __u16 salt)
{
	return branchless_min(
		branchless_min(load_rank(members[0], salt), load_rank(members[1], salt)),
		branchless_min(load_rank(members[2], salt), load_rank(members[3], salt)));
}

__noinline __u32 lc_select(const struct lb_slots *table, __u64 flow)
{
	__u16 salt = flow >> 48;
	__u64 least;

	if (!table)
		return 0;
	least = least_of_four(table->member, salt);
	if (table->members > 4)
		least = branchless_min(least, least_of_four(table->member + 4, salt));
	return (__u16)least ^ salt;
}

__noinline __u32 lc_select_drawn(const struct lb_slots *table)
{
	__u64 random = first_random();
	__u16 drawn[DRAWS];

	if (!table)
		return 0;
	for (__u32 i = 0; i < DRAWS; i++)
		drawn[i] = draw(table, &random);
	return (__u16)least_of_four(drawn, 0);
}

/* The backend for a new flow with this hash, by the slot table's scheduler. */
static __always_inline __u32 least_load_select(const struct lb_service *service,
					       const struct lb_slots *table, __u64 flow)
{
	__u32 tick;

	if (table->pick == LB_PICK_P2C)
		return p2c_select(table);
	if (table->pick == LB_PICK_LC)
		return table->members ? lc_select(table, flow) : lc_select_drawn(table);
	tick = current_tick();
	return lrt_select(
		table, response_of(service->response_us, service->response_tick, tick) + 1, tick);
}

#endif
