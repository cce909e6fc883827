// SPDX-License-Identifier: GPL-2.0-only
/* Flow entry: packing of its two words, wrap-around of its clocks, keys, fingerprints. */
#include <arpa/inet.h>

#include "base/address.h"
#include "core/tap.h"
#include "model/flow_key.h"
#include "random.h"

#define TIME_UNITS    (1ULL << 22) /* of `expires`, until it wraps around */
#define CREATED_UNITS (1ULL << 19) /* of `created` */

static const struct lb_seed seed = {{0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL}};

static void test_packing(void)
{
	bool same = true;

	for (int i = 0; i < 100000; i++) {
		__u64 bits = random_word();
		__u16 backend = random_word();
		__u8 state = bits & 7, forward = bits >> 4 & 7;
		__u64 mark = bits & 8 ? LB_FLOW_COUNTED : 0;
		__u32 created = bits >> 7 & LB_CREATED_MASK;
		__u32 now = bits >> 26 & LB_FLOW_TIME_MASK;
		__s32 left = (__s32)random_below(TIME_UNITS) - (__s32)(TIME_UNITS / 2);
		__u64 data = mark | lb_flow_data(backend, state, forward, created, now + left);

		same &= lb_flow_backend(data) == backend && lb_flow_state(data) == state &&
			lb_flow_forward(data) == forward && lb_flow_created(data) == created &&
			lb_flow_left(data, now) == left;
	}
	ok(same, "each field of a flow is read back");
	is_int(LB_FLOW_COUNTED + lb_flow_data(0xffff, 7, 7, 0xffffffff, 0xffffffff), -1,
	       "the fields and the flag fill the word");
	is_int(lb_flow_created(lb_flow_data(1, 2, 0, CREATED_UNITS + 3, 0)), 3,
	       "`created` wraps around");
	is_int(lb_flow_data(0, 0, 0, CREATED_UNITS, TIME_UNITS), 0,
	       "`created` overflows into no other field");
}

/* At each wrap-around of the tick counter, and far from it. */
static void test_left(void)
{
	static const __u32 starts[] = {0,	  1, TIME_UNITS - 1, TIME_UNITS, 7 * TIME_UNITS - 2,
				       0xffffffff};
	__u32 day = LB_TIMEOUT_MAX_MS * 1000000ULL >> LB_TICK_SHIFT;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		__u32 now = starts[i], end = starts[i] + day;
		__u64 data = lb_flow_data(1, LB_FLOW_ESTABLISHED, 0, 0, end);

		ok(lb_flow_left(data, now) == (__s32)day && lb_flow_alive(data, now),
		   "from tick %u a flow lives the longest timeout", starts[i]);
		ok(lb_flow_left(data, end - 1) == 1 && lb_flow_alive(data, end - 1),
		   "a flow is alive in its last tick");
		ok(lb_flow_left(data, end) == 0 && !lb_flow_alive(data, end),
		   "a flow is dead after its last tick");
		ok(!lb_flow_alive(data, end + day), "a flow is dead a day later");
	}
}

static void test_alive(void)
{
	bool right = true;

	for (int state = 0; state < LB_FLOW_STATE_COUNT; state++) {
		right &= lb_flow_alive(lb_flow_data(1, state, 0, 0, 1), 0) ==
			 (state != LB_FLOW_CLOSED);
		right &= !lb_flow_alive(lb_flow_data(1, state, 0, 0, 0), 0);
	}
	ok(right, "a flow is alive until it expires or closes");
}

static void test_key4(void)
{
	char text[ENDPOINT_TEXT_BYTES];
	struct lb_flow flow = {.key = lb_flow_key4(htonl(0xcb007107), htons(4711), 42)};

	is_int(lb_flow_service(flow.key), 42, "the key contains the service");
	flow_key_format(&flow, true, text);
	is_str(text, "203.0.113.7:4711", "an IPv4 client is formatted");
	is_int(lb_flow_key4(0xffffffff, 0xffff, 0xffff), -1, "the fields fill the key");
}

static void test_key6(void)
{
	const struct lb_seed other = {{1, 2}};
	char text[ENDPOINT_TEXT_BYTES];
	struct lb_flow flow = {};
	__u64 address[2], key;

	address_parse("2001:db8::7", address);
	flow.key = lb_flow_key6(address, htons(4711), 42, seed);
	is_int(lb_flow_service(flow.key), 42, "the key contains the service");
	flow_key_format(&flow, false, text);
	is_str(text, "-", "an IPv6 client is formatted as -");
	key = lb_flow_key6(address, htons(4712), 42, seed);
	ok(key != flow.key, "another port is another key");
	key = lb_flow_key6(address, htons(4711), 43, seed);
	is_int(key ^ flow.key, 42 ^ 43, "another service changes only its field");
	key = lb_flow_key6(address, htons(4711), 42, other);
	ok(key != flow.key, "another seed is another key");
}

/* Adds a key. Returns whether it was there already. */
static bool is_duplicate(__u64 seen[1 << 20], __u64 key)
{
	__u32 index = key >> 44;

	while (seen[index] && seen[index] != key)
		index = (index + 1) % (1 << 20);
	if (seen[index])
		return true;
	seen[index] = key;
	return false;
}

/* 2^17 clients of 48-bit keys: the probability of an equal pair is 1 in 30,000. */
static void test_key6_distinct(void)
{
	static __u64 near[1 << 20], mirrored[1 << 20];
	unsigned int equal = 0, alike = 0;

	for (__u32 i = 0; i < 1 << 17; i++) {
		__u64 address[2] = {0xb80d0120ULL, (__u64)(i >> 9) << 48};
		__u64 other[2] = {0xb80d0120ULL ^ i, 1};

		equal +=
			is_duplicate(near, lb_flow_key6(address, htons(1024 + (i & 511)), 1, seed));
		alike += is_duplicate(mirrored, lb_flow_key6(other, i & 0xffff, 1, seed));
	}
	is_int(equal, 0, "256 IPv6 clients of 512 ports have distinct keys");
	is_int(alike, 0, "addresses and ports that change together do too");
}

static bool has_byte(__u64 word, __u8 byte)
{
	for (unsigned int i = 0; i < 64; i += 8)
		if ((__u8)(word >> i) == byte)
			return true;
	return false;
}

/* Words of few distinct bytes: with neighbouring values, duplicates and borrows. */
static void test_fingerprint_in(void)
{
	static const __u8 bytes[] = {0, 1, 2, 127, 128, 129, 254, 255};
	unsigned int right = 0, found = 0;

	for (unsigned int i = 0; i < 1 << 16; i++) {
		__u8 wanted = i % 5 ? bytes[random_word() % 8] : (__u8)random_word();
		__u64 word = 0;

		for (unsigned int j = 0; j < 8; j++)
			word = word << 8 | bytes[random_word() % 8];
		right += !!lb_fingerprint_in(word, wanted) == has_byte(word, wanted);
		found += has_byte(word, wanted);
	}
	is_int(right, 1 << 16, "a fingerprint is found only where it is");
	ok(found > 1 << 14 && found < 3 << 14, "words with and without it are tested");
}

int main(void)
{
	test_packing();
	test_left();
	test_alive();
	test_key4();
	test_key6();
	test_key6_distinct();
	test_fingerprint_in();
	return tap_done();
}
