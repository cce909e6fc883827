// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keyed hash: is what it places spread evenly, also for clients that are
 * anything but random? Counted by Pearson's chi-squared, whose mean is the
 * degrees of freedom and whose deviation is the root of twice that.
 */
#include <arpa/inet.h>
#include <math.h>
#include <string.h>

#include "core/tap.h"
#include "lb/flow.h"
#include "random.h"

#define CLIENTS	  65536
#define BINS_MAX  4096
#define SEEDS	  20
#define TRIES	  4096
#define DEVIATION 6.0 /* of 20 seeds, 6 patterns and 4 sizes, none lies beyond by chance */

static __u64 keys[CLIENTS];

static struct lb_seed random_seed(void)
{
	return (struct lb_seed){{random_word(), random_word()}};
}

/* How many deviations the spread of hashes over `bins` is worse than chance. */
static double unevenness(__u32 bins, struct lb_seed seed, bool line)
{
	static __u32 held[BINS_MAX];
	double mean = (double)CLIENTS / bins, squares = 0;

	memset(held, 0, sizeof(held));
	for (int i = 0; i < CLIENTS; i++) {
		__u64 hash = lb_flow_hash(keys[i], seed);

		held[line ? lb_scale(hash, bins / 2) * 2 + (hash >> 32 & 1)
			  : lb_scale(hash, bins)]++;
	}
	for (__u32 i = 0; i < bins; i++)
		squares += (held[i] - mean) * (held[i] - mean) / mean;
	return (squares - (bins - 1)) / sqrt(2.0 * (bins - 1));
}

static void check_pattern(const char *pattern)
{
	static const __u32 sizes[] = {16, 100, 1000, 4096};
	double worst = 0;

	for (int i = 0; i < SEEDS; i++) {
		struct lb_seed seed = random_seed();

		for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
			worst = fmax(worst, unevenness(sizes[k], seed, false));
			worst = fmax(worst, unevenness(sizes[k], seed, true));
		}
	}
	if (!ok(worst < DEVIATION, "%s are spread evenly over buckets and lines", pattern))
		diag("%.1f deviations from chance", worst);
}

static void test_spread(void)
{
	struct lb_seed fixed = random_seed();
	__u32 net = 0x0a000000;

	for (int i = 0; i < CLIENTS; i++)
		keys[i] = lb_flow_key4(htonl(net + 1), htons(i), 1);
	check_pattern("one client's ports");
	for (int i = 0; i < CLIENTS; i++)
		keys[i] = lb_flow_key4(htonl(net + i), htons(40000), 1);
	check_pattern("successive clients");
	for (int i = 0; i < CLIENTS; i++)
		keys[i] = lb_flow_key4(htonl(net + i % 256), htons(1024 + i / 256), 1);
	check_pattern("a network's clients' ports");
	for (int i = 0; i < CLIENTS; i++)
		keys[i] = lb_flow_key4(htonl(net + ((__u32)i << 16)), htons(40000), 1);
	check_pattern("clients that differ in their upper bytes");
	for (int i = 0; i < CLIENTS; i++) {
		__u64 address[2] = {0xb80d0120ULL, (__u64)htonl(i / 64) << 32};

		keys[i] = lb_flow_key6(address, htons(i % 64), 1, random_seed());
	}
	check_pattern("IPv6 clients");
	for (int i = 0; i < CLIENTS; i++) {
		__u64 address[2] = {0xb80d0120ULL + ((__u64)htonl(i) << 32), 1ULL << 56};

		keys[i] = lb_flow_key6(address, htons(40000), 1, fixed);
	}
	check_pattern("IPv6 networks, of one seed");
}

/* The parts of the times that one bit turned others, at least and at most. */
struct flip_rate {
	double least, most;
};

static void record_flips(struct flip_rate *flip_rate, const unsigned int *flips, int bits)
{
	for (int to = 0; to < bits; to++) {
		flip_rate->least = fmin(flip_rate->least, flips[to] / (double)TRIES);
		flip_rate->most = fmax(flip_rate->most, flips[to] / (double)TRIES);
	}
}

static void check_flips(const struct flip_rate *flip_rate, double margin, const char *what)
{
	if (!ok(flip_rate->least > margin && flip_rate->most < 1 - margin, "%s", what))
		diag("between %.3f and %.3f of the time", flip_rate->least, flip_rate->most);
}

/* Each bit of a key turns each bit that places it about half of the time. */
static void test_avalanche(void)
{
	struct flip_rate flip_rate = {1, 0};

	for (int from = 0; from < 64; from++) {
		unsigned int flips[32] = {0};

		for (int i = 0; i < TRIES; i++) {
			struct lb_seed seed = random_seed();
			__u64 key = random_word();
			__u64 change = lb_mix(key, seed) ^ lb_mix(key ^ 1ULL << from, seed);

			for (int to = 0; to < 32; to++)
				flips[to] += change >> (32 + to) & 1;
		}
		record_flips(&flip_rate, flips, 32);
	}
	check_flips(&flip_rate, 0.2, "each bit of a key turns each bit that places it");
}

/* Each bit of an IPv6 client turns each bit of its key, the outer ones less evenly. */
static void test_avalanche6(void)
{
	struct flip_rate flip_rate = {1, 0};

	for (int from = 0; from < 144; from++) {
		unsigned int flips[48] = {0};

		for (int i = 0; i < TRIES; i++) {
			struct lb_seed seed = random_seed();
			__u64 address[2] = {random_word(), random_word()};
			__be16 port = random_word();
			__u64 change = lb_flow_key6(address, port, 0, seed);

			if (from < 128)
				address[from / 64] ^= 1ULL << from % 64;
			else
				port ^= 1U << (from - 128);
			change ^= lb_flow_key6(address, port, 0, seed);
			for (int to = 0; to < 48; to++)
				flips[to] += change >> (16 + to) & 1;
		}
		record_flips(&flip_rate, flips, 48);
	}
	check_flips(&flip_rate, 0.1, "each bit of an IPv6 client turns each bit of its key");
}

static void test_scale(void)
{
	bool inside = true;

	for (int i = 0; i < 100000; i++) {
		__u32 range = 1 + (random_word() >> (32 + random_below(32)));

		inside &= lb_scale(random_word(), range) < range;
		inside &= lb_scale(~0ULL, range) == range - 1 && lb_scale(0, range) == 0;
	}
	ok(inside, "a scaled hash is in range, and reaches both ends of it");
}

int main(void)
{
	test_spread();
	test_avalanche();
	test_avalanche6();
	test_scale();
	return tap_done();
}
