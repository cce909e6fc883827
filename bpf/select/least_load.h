/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who has less to do? Backends are drawn from the slot table, so in proportion to their
 * weights, and the one that would have the fewest flows for its weight with one more
 * gets it: of two draws (p2c), of all if they are few, else of four draws (lc), and
 * of two by those flows times the time that the backend takes to answer (lrt).
 *
 * Two draws and not the least of all, for response times: these are of the past, and
 * whoever was fastest then would be given everything until it is the slowest. So the
 * slower of two still gets a quarter. A backend that nothing is known of, or
 * nothing new, counts as the mean of all.
 *
 * Userspace has turned weights into prices of a flow, so that one product is what
 * another flow would make of a backend: 26 bits of count and 22 of price leave room
 * for the id in the same word, and the least of words is found by arithmetic, as nobody
 * can predict who has less. With a time, which takes 20 bits, counts are cut to 18.
 */
#ifndef BPF_SELECT_LEAST_LOAD_H
#define BPF_SELECT_LEAST_LOAD_H

#include "flow/flow_counts.h"
#include "observe/explain.h"

#define DRAWS	     4
#define ID_BITS	     16
#define RESPONSE_MAX ((1U << 20) - 1)
#define COUNT_MAX    ((1U << 18) - 1)

/* Flows of a backend with one more, times the price of one; both are read at once. */
static __always_inline __u64 price_of(const struct lb_load *load, __u32 most)
{
	__u64 word = *(volatile __u64 *)&load->flows;
	__u32 count = (__u32)word + 1;

	return (count < most ? count : most) * (word >> 32);
}

/* What a backend is compared by; the salt decides between equals. */
static __always_inline __u64 load_rank(__u32 id, __u16 salt)
{
	struct lb_load *load = load_get(id);

	return load ? price_of(load, ~0U) << ID_BITS | (id ^ salt) : ~0ULL >> 1;
}

/* Of the past few seconds; 0 if there was none. */
static __always_inline __u32 response_of(__u32 response_us, __u32 tick, __u32 now)
{
	return now - tick < LB_RESPONSE_TICKS ? response_us : 0;
}

/* The same, times the response time. */
static __always_inline __u64 response_rank(__u32 id, __u32 mean_us, __u32 tick)
{
	struct lb_load *load = load_get(id);
	__u64 us;

	if (!load)
		return ~0ULL >> 1;
	us = response_of(load->response_us, load->response_tick, tick) ?: mean_us;
	return price_of(load, COUNT_MAX) * (us < RESPONSE_MAX ? us : RESPONSE_MAX);
}

/* The barrier keeps the compiler from making it a branch. */
static __always_inline __u64 lesser(__u64 a, __u64 b)
{
	__u64 difference = a - b;
	__u64 sign = (__s64)difference >> 63;

	barrier_var(sign);
	return b + (difference & sign);
}

/* The successive draws of one choice: a linear congruence (Knuth's MMIX) from one random number. */
static __always_inline __u32 draw(const struct lb_slots *table, __u64 *random)
{
	__u32 slot;

	*random = *random * 6364136223846793005ULL + 1442695040888963407ULL;
	slot = lb_scale(*random, table->length);
	explain_slot(slot, false);
	return table->backend[slot & (LB_SLOTS - 1)];
}

static __always_inline __u64 first_random(void)
{
	__u64 random = bpf_get_prandom_u32();

	return random << 32 | random;
}

/* A function of its own, as the next ones: verified once. */
__noinline __u32 p2c_select(const struct lb_slots *table)
{
	__u64 random = first_random();
	__u64 a, b;

	if (!table)
		return 0;
	a = load_rank(draw(table, &random), 0);
	b = load_rank(draw(table, &random), 0);
	return (__u16)lesser(a, b);
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
	return lesser(lesser(load_rank(members[0], salt), load_rank(members[1], salt)),
		      lesser(load_rank(members[2], salt), load_rank(members[3], salt)));
}

__noinline __u32 lc_select(const struct lb_slots *table, __u64 flow)
{
	__u16 salt = flow >> 48;
	__u64 least;

	if (!table)
		return 0;
	least = least_of_four(table->member, salt);
	if (table->members > 4)
		least = lesser(least, least_of_four(table->member + 4, salt));
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

/* The backend for a new flow of this hash, by what the service's slot table asks for. */
static __always_inline __u32 least_load_select(const struct lb_service *service,
					       const struct lb_slots *table, __u64 flow)
{
	__u32 tick;

	if (table->pick == LB_PICK_P2C)
		return p2c_select(table);
	if (table->pick == LB_PICK_LC)
		return table->members ? lc_select(table, flow) : lc_select_drawn(table);
	tick = now() >> LB_TICK_SHIFT;
	return lrt_select(
		table, response_of(service->response_us, service->response_tick, tick) + 1, tick);
}

#endif
