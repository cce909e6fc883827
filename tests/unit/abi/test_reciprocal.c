// SPDX-License-Identifier: GPL-2.0-only
/* Reciprocal of the slot table: the datapath's remainder compared with division. */
#include "core/tap.h"
#include "model/slot_order.h"
#include "random.h"

static struct lb_slots slots;

/* The datapath's remainder: the upper 64 bits of (reciprocal * n mod 2^64) * length. */
static __u32 remainder_of(__u32 n, __u64 reciprocal, __u32 length)
{
	__u64 low = reciprocal * n;

	return (((low >> 32) * length) + (((low & 0xffffffff) * length) >> 32)) >> 32;
}

static bool remainders_agree(__u64 reciprocal, __u32 length)
{
	for (int i = 0; i < 100; i++) {
		__u32 n = random_word() >> 33;
		__u32 multiple = n / length * length;

		if (remainder_of(n, reciprocal, length) != n % length ||
		    remainder_of(multiple, reciprocal, length) != 0 ||
		    (multiple && remainder_of(multiple - 1, reciprocal, length) != length - 1))
			return false;
	}
	return remainder_of(0x7fffffff, reciprocal, length) == 0x7fffffff % length;
}

static void test_reciprocal(void)
{
	struct slot_share shares[] = {{.backend = 1}, {.backend = 2, .milli = 1}};
	bool all = true, built = true;

	for (__u32 length = 1; length <= LB_SLOTS; length++)
		all &= remainders_agree(~0ULL / length + 1, length);
	ok(all, "every length has correct remainders");
	for (__u32 sum = 2; sum <= LB_SLOTS; sum += 31) {
		shares[0].milli = sum - 1;
		built &= !slot_order_build(&slots, shares, 2) && slots.length % sum == 0;
		built &= remainders_agree(slots.reciprocal, slots.length);
	}
	ok(built, "built tables have correct remainders");
}

int main(void)
{
	test_reciprocal();
	return tap_done();
}
