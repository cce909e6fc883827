// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slot tables compared with simple references: nginx's smooth weighted round robin, an
 * earliest-deadline-first scan, and largest remainder one slot at a time.
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

/* Ids differ from indexes, so that a mix-up is detected. */
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

/* Counts the slots per backend in from..from+number-1, wrapping around the end. */
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

/* Returns whether the period at `from` has exactly the slots that the weights give. */
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
 * One window is exact, and the next one gains the backend that it loses. So all windows are
 * exact, including those around the table's end.
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

/* Returns whether in each prefix each backend is less than one from its share. */
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
	is_int(build(3), 0, "weights 5/3/1 are built");
	is_int(slots.length, 16380, "the length is the largest multiple of 9");
	is_int(slots.reciprocal, ~0ULL / 16380 + 1, "the reciprocal is 2^64 / length + 1");
	is_int(slots.pick, 0xa5a5a5a5, "the pick is untouched");
	count_slots(4711, 900);
	ok(slots_of[0] == 500 && slots_of[1] == 300 && slots_of[2] == 100,
	   "any 900 flows are 500/300/100");
	ok(windows_are_exact(3), "every period is exact");
	for (__u32 i = slots.length; i < LB_SLOTS; i++)
		clear &= !slots.backend[i];
	ok(clear, "slots beyond the length are zero");
}

static void test_edges(void)
{
	static struct lb_slots before;
	bool one_each = true;

	is_int(build(0), 0, "no backend is no error");
	ok(!slots.length && !slots.reciprocal && !slots.backend[0], "no backend gives length 0");
	share(0, 0);
	share(1, 0);
	is_int(build(2), 0, "zero weights are no error");
	ok(!slots.length && !slots.backend[0], "zero weights give length 0");
	share(1, 1);
	is_int(build(2), 0, "one backend with a weight is built");
	is_int(slots.length, LB_SLOTS, "one backend gives the full length");
	count_slots(0, LB_SLOTS);
	ok(slots_of[1] == LB_SLOTS && !slots_of[0], "one backend has all slots");
	for (size_t i = 0; i < BACKENDS_MAX; i++)
		share(i, 1 + i % 7);
	build(2);
	before = slots;
	is_int(slot_order_build(&slots, shares, BACKENDS_MAX), -E2BIG,
	       "16385 backends are an error");
	ok(!memcmp(&before, &slots, sizeof(slots)), "an error leaves the table untouched");
	share(4711, 0);
	is_int(build(BACKENDS_MAX), 0, "16384 backends with a weight are built");
	count_slots(0, slots.length);
	for (size_t i = 0; i < BACKENDS_MAX; i++)
		one_each &= slots_of[i] == (i != 4711);
	ok(one_each, "each of 16384 backends has one slot");
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
	ok(exact, "random weights are exact in every period");
	ok(proportional, "random weights are proportional in each prefix");
}

/* Reference: scans all eligible backends for the earliest deadline. */
static __u16 earliest_deadline(const __u32 *placed, size_t count, __u32 period, __u32 slot)
{
	__u64 best_deadline = ~0ULL;
	size_t best = 0;

	for (size_t i = 0; i < count; i++) {
		__u64 release, deadline;

		if (placed[i] == slots_of[i])
			continue;
		release = (__u64)placed[i] * period / slots_of[i];
		deadline = ((placed[i] + 1ULL) * period + slots_of[i] - 1) / slots_of[i];
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
	__u32 placed[64] = {0};

	count_slots(0, period);
	for (__u32 slot = 0; slot < period; slot++) {
		__u16 wanted = earliest_deadline(placed, count, period, slot);

		if (slots.backend[slot] != id_of(wanted))
			return false;
		placed[wanted]++;
	}
	return true;
}

/* nginx, ngx_http_upstream_get_peer(): add each weight, subtract the sum from the largest. */
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

/* Returns whether gaps between slots of a backend are below 2 S / w + 1, around the end too. */
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
	ok(same_order, "the order is earliest deadline first");
	ok(same_counts, "the counts equal nginx's");
	ok(bounded, "gaps are shorter than two periods of a backend");
}

/*
 * Reference: one slot for the lightest backend that is due less than one, repeatedly; then
 * whole slots; then one slot at a time for the largest remainder.
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
	ok(apportioned, "large sums are apportioned by largest remainder");
	ok(proportional, "and are less than one away from proportional in every prefix");
	share(0, 1000);
	share(1, 1037);
	share(2, 999);
	build(3);
	ok(windows_are_exact(3), "fractional weights are exact");
	for (size_t i = 0; i < LB_SLOTS; i++)
		share(i, i ? 0xffffffff - i : 1);
	is_int(build(LB_SLOTS), 0, "16384 backends of maximum weight are built");
	ok(each_has_one_slot(), "each of 16384 heavy backends has one slot");
	for (size_t i = 0; i < 5000; i++)
		share(i, i % 50 ? 1 : 65535 * 1000);
	ok(!build(5000) && is_apportioned(5000), "100 heavy of 5000 backends share the rest");
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
