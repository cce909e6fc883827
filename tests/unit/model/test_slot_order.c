// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slot tables against naive references: nginx's smooth weighted round robin, a
 * plain earliest-deadline-first scan, and largest remainder one seat at a time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/tap.h"
#include "model/slot_order.h"
#include "random.h"

#define BACKENDS_MAX (LB_SLOTS + 1)

static struct lb_slots slots;
static struct slot_share shares[BACKENDS_MAX];
static __u32 slots_of[BACKENDS_MAX]; /* by index in shares */

/* Ids that are not indices, so that one is not taken for the other. */
static __u16 id_of(size_t index)
{
	return 40000 - index;
}

static void share(size_t index, __u32 milli)
{
	shares[index] = (struct slot_share){.backend = id_of(index), .milli = milli};
}

static int build(size_t count)
{
	memset(&slots, 0xa5, sizeof(slots));
	return slot_order_build(&slots, shares, count);
}

/* How many of the slots from..from+number-1, counted around the end, each backend has. */
static void count_slots(__u32 from, __u32 number)
{
	memset(slots_of, 0, sizeof(slots_of));
	for (__u32 i = 0; i < number; i++)
		slots_of[40000 - slots.backend[(from + i) % slots.length]]++;
}

static __u64 gcd(__u64 a, __u64 b)
{
	return b ? gcd(b, a % b) : a;
}

/* Sum of the weights divided by their greatest common divisor. */
static __u64 reduced_sum(size_t count)
{
	__u64 divisor = 0, sum = 0;

	for (size_t i = 0; i < count; i++)
		divisor = gcd(divisor, shares[i].milli);
	for (size_t i = 0; divisor && i < count; i++)
		sum += shares[i].milli / divisor;
	return sum;
}

/* Slots i of each `period` from..: exactly what the weights say. */
static bool window_is_exact(__u32 from, __u32 period, size_t count)
{
	__u64 total = 0;

	for (size_t i = 0; i < count; i++)
		total += shares[i].milli;
	count_slots(from, period);
	for (size_t i = 0; i < count; i++)
		if ((__u64)slots_of[i] * total != (__u64)shares[i].milli * period)
			return false;
	return true;
}

/*
 * One window is exact, and each next one gains the backend that it loses: so all
 * windows are, those around the table's end as well.
 */
static bool windows_are_exact(size_t count)
{
	__u32 period = reduced_sum(count);

	if (slots.length != LB_SLOTS / period * period || !window_is_exact(0, period, count))
		return false;
	for (__u32 i = 0; i < slots.length; i++)
		if (slots.backend[i] != slots.backend[(i + period) % slots.length])
			return false;
	return true;
}

/* Each prefix holds each backend less than one away from its part of the period. */
static bool prefixes_are_proportional(size_t count, __u32 period)
{
	__u32 had[64] = {0};

	count_slots(0, period);
	for (__u32 t = 1; t <= period; t++) {
		had[40000 - slots.backend[t - 1]]++;
		for (size_t i = 0; i < count; i++) {
			__s64 ahead = (__s64)had[i] * period - (__s64)slots_of[i] * t;

			if (ahead >= period || ahead <= -(__s64)period)
				return false;
		}
	}
	return true;
}

static void test_weights_5_3_1(void)
{
	bool clear = true;

	share(0, 5000);
	share(1, 3000);
	share(2, 1000);
	is_int(build(3), 0, "5/3/1 is built");
	is_int(slots.length, 16380, "its length is the largest multiple of 9");
	is_int(slots.reciprocal, ~0ULL / 16380 + 1, "its reciprocal is 2^64 / length + 1");
	is_int(slots.pick, 0xa5a5a5a5, "how slots are picked is left alone");
	count_slots(4711, 900);
	ok(slots_of[0] == 500 && slots_of[1] == 300 && slots_of[2] == 100,
	   "900 flows from any place on are 500/300/100");
	ok(windows_are_exact(3), "so is every period");
	for (__u32 i = slots.length; i < LB_SLOTS; i++)
		clear &= !slots.backend[i];
	ok(clear, "what is behind the length is zero");
}

static void test_edges(void)
{
	static struct lb_slots before;
	bool one_each = true;

	is_int(build(0), 0, "no backend at all is a table");
	ok(!slots.length && !slots.reciprocal && !slots.backend[0], "of no length");
	share(0, 0);
	share(1, 0);
	is_int(build(2), 0, "weights of zero are a table");
	ok(!slots.length && !slots.backend[0], "of no length");
	share(1, 1);
	is_int(build(2), 0, "one backend that gets something is a table");
	is_int(slots.length, LB_SLOTS, "of full length");
	count_slots(0, LB_SLOTS);
	ok(slots_of[1] == LB_SLOTS && !slots_of[0], "all its own");
	for (size_t i = 0; i < BACKENDS_MAX; i++)
		share(i, 1 + i % 7);
	build(2);
	before = slots;
	is_int(slot_order_build(&slots, shares, BACKENDS_MAX), -E2BIG,
	       "16385 backends are too many");
	ok(!memcmp(&before, &slots, sizeof(slots)), "which leaves the table as it was");
	share(4711, 0);
	is_int(build(BACKENDS_MAX), 0, "16385 of which one has no weight are not");
	count_slots(0, slots.length);
	for (size_t i = 0; i < BACKENDS_MAX; i++)
		one_each &= slots_of[i] == (i != 4711);
	ok(one_each, "each of them has its one slot");
}

static void random_shares(size_t count, __u32 range, __u32 unit)
{
	for (size_t i = 0; i < count; i++)
		share(i, random_below(range) * unit);
	share(random_below(count), unit);
}

static void test_exact(void)
{
	bool exact = true, proportional = true;

	for (int round = 0; round < 200; round++) {
		size_t count = 1 + random_below(round % 2 ? 64 : 8);

		random_shares(count, 200, 1 + random_below(2000));
		exact &= !build(count) && windows_are_exact(count);
		proportional &= prefixes_are_proportional(count, reduced_sum(count));
	}
	ok(exact, "random weights whose sum fits are exact in every period, cyclically");
	ok(proportional, "and less than one away from proportional in every prefix");
}

/* Naive: at each slot, of the turns that may be taken, the most urgent by a scan of all. */
static __u16 earliest_deadline(const __u32 *turn, size_t count, __u32 period, __u32 slot)
{
	__u64 best_deadline = ~0ULL;
	size_t best = 0;

	for (size_t i = 0; i < count; i++) {
		__u64 release, deadline;

		if (turn[i] == slots_of[i])
			continue;
		release = (__u64)turn[i] * period / slots_of[i];
		deadline = ((turn[i] + 1ULL) * period + slots_of[i] - 1) / slots_of[i];
		if (release > slot || deadline > best_deadline ||
		    (deadline == best_deadline && slots_of[i] <= slots_of[best]))
			continue;
		best = i;
		best_deadline = deadline;
	}
	return best;
}

static bool is_earliest_deadline_first(size_t count, __u32 period)
{
	__u32 turn[64] = {0};

	count_slots(0, period);
	for (__u32 slot = 0; slot < period; slot++) {
		__u16 wanted = earliest_deadline(turn, count, period, slot);

		if (slots.backend[slot] != id_of(wanted))
			return false;
		turn[wanted]++;
	}
	return true;
}

/* nginx, ngx_http_upstream_get_peer(): raise all by their weight, the highest pays the sum. */
static size_t nginx_next(__s64 *current, size_t count, __s64 total)
{
	size_t best = count;

	for (size_t i = 0; i < count; i++) {
		if (!shares[i].milli)
			continue;
		current[i] += shares[i].milli;
		if (best == count || current[i] > current[best])
			best = i;
	}
	current[best] -= total;
	return best;
}

static bool counts_equal_nginx(size_t count, __u32 period)
{
	__s64 current[64] = {0}, total = 0;

	for (size_t i = 0; i < count; i++)
		total += shares[i].milli;
	count_slots(0, period);
	for (__u32 t = 0; t < period; t++)
		slots_of[nginx_next(current, count, total)]--;
	for (size_t i = 0; i < count; i++)
		if (slots_of[i])
			return false;
	return true;
}

/* Slots from one turn of a backend to its next, around the end, are under 2 S / w + 1. */
static bool gaps_are_bounded(size_t count, __u32 period)
{
	__u32 last[64] = {0};

	count_slots(0, period);
	for (__u32 t = 1; t <= 2 * period; t++) {
		size_t i = 40000 - slots.backend[(t - 1) % period];

		if (i >= count ||
		    (last[i] && (t - last[i]) * slots_of[i] >= 2 * period + slots_of[i]))
			return false;
		last[i] = t;
	}
	return true;
}

static void test_order(void)
{
	bool same_order = true, same_counts = true, bounded = true;

	for (int round = 0; round < 200; round++) {
		size_t count = 1 + random_below(20);
		__u32 period;

		random_shares(count, 1 + random_below(100), 1000);
		same_order &= !build(count);
		period = reduced_sum(count);
		same_order &= is_earliest_deadline_first(count, period);
		same_counts &= counts_equal_nginx(count, period);
		bounded &= gaps_are_bounded(count, period);
	}
	ok(same_order, "the order is earliest deadline first, heavier first, lower index first");
	ok(same_counts, "the counts are those of nginx's smooth weighted round robin");
	ok(bounded, "no backend waits for two of its turns' time");
}

/*
 * Naive: the lightest that is due less than one slot gets one, until there is no
 * such; whole slots; then one at a time to the largest remainder.
 */
static void apportion(size_t count, __u32 *due)
{
	__u64 sum = 0, slots_left = LB_SLOTS, given = 0, rest[BACKENDS_MAX] = {0};

	memset(due, 0, count * sizeof(*due));
	for (size_t i = 0; i < count; i++)
		sum += shares[i].milli;
	for (;;) {
		size_t least = count;

		for (size_t i = 0; i < count; i++)
			if (shares[i].milli && !due[i] && shares[i].milli * slots_left < sum &&
			    (least == count || shares[i].milli < shares[least].milli))
				least = i;
		if (least == count)
			break;
		due[least] = 1;
		sum -= shares[least].milli;
		slots_left--;
	}
	for (size_t i = 0; i < count; i++) {
		if (due[i])
			continue;
		due[i] = shares[i].milli * slots_left / sum;
		rest[i] = shares[i].milli * slots_left % sum;
		given += due[i];
	}
	for (; given < slots_left; given++) {
		size_t most = 0;

		for (size_t i = 1; i < count; i++)
			if (rest[i] > rest[most])
				most = i;
		due[most]++;
		rest[most] = 0;
	}
}

static bool is_apportioned(size_t count)
{
	static __u32 due[BACKENDS_MAX];

	apportion(count, due);
	count_slots(0, LB_SLOTS);
	for (size_t i = 0; i < count; i++)
		if (slots_of[i] != due[i] || (shares[i].milli && !slots_of[i]))
			return false;
	return slots.length == LB_SLOTS;
}

static bool each_has_one_slot(void)
{
	count_slots(0, LB_SLOTS);
	for (size_t i = 0; i < LB_SLOTS; i++)
		if (slots_of[i] != 1)
			return false;
	return slots.length == LB_SLOTS;
}

static void test_remainders(void)
{
	bool apportioned = true, proportional = true;

	for (int round = 0; round < 60; round++) {
		size_t count = 2 + random_below(62);

		random_shares(count, 65536U * 1000, 1);
		share(0, 65535 * 1000 - 1);
		if (round % 3 == 0)
			share(1, 1 + random_below(8));
		apportioned &= !build(count) && is_apportioned(count);
		proportional &= prefixes_are_proportional(count, LB_SLOTS);
	}
	ok(apportioned,
	   "weights whose sum does not fit get slots by largest remainder, at least one");
	ok(proportional, "and are less than one away from proportional in every prefix");
	share(0, 1000);
	share(1, 1037);
	share(2, 999);
	build(3);
	ok(windows_are_exact(3), "fractional weights whose sum fits are exact");
	for (size_t i = 0; i < LB_SLOTS; i++)
		share(i, i ? 0xffffffff - i : 1);
	is_int(build(LB_SLOTS), 0, "16384 backends of the greatest weights are built");
	ok(each_has_one_slot(), "and each has its one slot");
	for (size_t i = 0; i < 5000; i++)
		share(i, i % 50 ? 1 : 65535 * 1000);
	ok(!build(5000) && is_apportioned(5000),
	   "100 heavy of 5000 share what the light leave them");
}

int main(void)
{
	test_weights_5_3_1();
	test_edges();
	test_exact();
	test_order();
	test_remainders();
	return tap_done();
}
