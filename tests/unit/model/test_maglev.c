// SPDX-License-Identifier: GPL-2.0-only
/*
 * Consistent hashing: shares within 0.1 %, a table that depends on hashes and weights only, and
 * few moved slots.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/tap.h"
#include "model/maglev.h"
#include "random.h"

#define BACKENDS_MAX 4096
#define TRIALS	     50

static struct slot_share shares[BACKENDS_MAX];
static struct lb_slots before, after;

/* Random hashes, and weights from 1 to `max`. */
static void draw(size_t count, unsigned int max)
{
	for (size_t i = 0; i < count; i++)
		shares[i] = (struct slot_share){
			.backend = i + 1,
			.milli = 1000 * (1 + random_below(max)),
			.hash = random_word(),
		};
}

static double share_error(const struct lb_slots *slots, size_t count)
{
	static __u32 held[BACKENDS_MAX + 1];
	double sum = 0, worst = 0;

	memset(held, 0, sizeof(held));
	for (__u32 i = 0; i < LB_SLOTS; i++)
		held[slots->backend[i]]++;
	for (size_t i = 0; i < count; i++)
		sum += shares[i].milli;
	for (size_t i = 0; i < count; i++)
		worst = fmax(worst, fabs(held[i + 1] / (double)LB_SLOTS - shares[i].milli / sum));
	return held[0] ? 1 : worst;
}

static __u32 changed(void)
{
	__u32 count = 0;

	for (__u32 i = 0; i < LB_SLOTS; i++)
		count += before.backend[i] != after.backend[i];
	return count;
}

static __u32 held_by(const struct lb_slots *slots, __u16 backend)
{
	__u32 count = 0;

	for (__u32 i = 0; i < LB_SLOTS; i++)
		count += slots->backend[i] == backend;
	return count;
}

static void test_shares(size_t count, unsigned int max)
{
	double worst = 0;

	for (int i = 0; i < TRIALS; i++) {
		draw(count, max);
		is_int(maglev_build(&before, shares, count), 0, "a table is built");
		worst = fmax(worst, share_error(&before, count));
	}
	ok(worst < 0.001, "%zu backends, weights to %u: shares are exact", count, max);
}

/* The order and the ids of backends do not matter. */
static void test_order(void)
{
	bool same = true;

	draw(100, 9);
	maglev_build(&before, shares, 100);
	for (size_t i = 99; i > 0; i--) {
		size_t other = random_below(i + 1);
		struct slot_share kept = shares[i];

		shares[i] = shares[other];
		shares[other] = kept;
	}
	maglev_build(&after, shares, 100);
	is_int(changed(), 0, "another order gives the same table");
	for (size_t i = 0; i < 100; i++)
		shares[i].backend += 1000;
	maglev_build(&after, shares, 100);
	for (__u32 i = 0; i < LB_SLOTS; i++)
		same &= after.backend[i] == before.backend[i] + 1000;
	ok(same, "other ids get the same slots");
}

/* Moved slots relative to the minimum of the change. */
static double excess_of_removal(size_t count)
{
	__u32 least;

	draw(count, 1);
	maglev_build(&before, shares, count);
	shares[count - 1].milli = 0;
	maglev_build(&after, shares, count);
	least = held_by(&before, count);
	return changed() / (double)least;
}

static double excess_of_halving(size_t count)
{
	__u32 least;

	draw(count, 1);
	for (size_t i = 0; i < count; i++)
		shares[i].milli *= 2;
	maglev_build(&before, shares, count);
	shares[count - 1].milli /= 2;
	maglev_build(&after, shares, count);
	least = held_by(&before, count) - held_by(&after, count);
	return changed() / (double)least;
}

static void test_churn(void)
{
	double removal = 0, halving = 0;

	for (int i = 0; i < TRIALS; i++) {
		removal = fmax(removal, excess_of_removal(10));
		halving = fmax(halving, excess_of_halving(10));
	}
	diag("at most %.2f and %.2f times the minimum", removal, halving);
	ok(removal <= 1.3, "a removal moves at most 1.3 times the minimum");
	ok(halving <= 1.3, "a halved weight moves at most 1.3 times as well");
}

static void test_edges(void)
{
	draw(3, 1);
	is_int(maglev_build(&before, shares, 0), 0, "no backend is no error");
	is_int(before.length, 0, "no backend gives an empty table");
	shares[0].milli = shares[1].milli = shares[2].milli = 0;
	is_int(maglev_build(&before, shares, 3), 0, "no weight is no error");
	is_int(before.length, 0, "no weight gives an empty table");
	shares[1].milli = 1;
	is_int(maglev_build(&before, shares, 3), 0, "a single backend is no error");
	is_int(held_by(&before, shares[1].backend), LB_SLOTS, "a single backend has all slots");
	shares[0].milli = 1;
	shares[0].hash = shares[1].hash;
	is_int(maglev_build(&before, shares, 3), 0, "equal hashes are no error");
	is_int(held_by(&before, shares[0].backend), LB_SLOTS / 2, "equal hashes share the slots");
}

int main(void)
{
	test_shares(3, 9);
	test_shares(10, 100);
	test_shares(1000, 7);
	test_order();
	test_churn();
	test_edges();
	return tap_done();
}
