// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keyed hash: even distribution of flows, also for clients with regular patterns. Measured by
 * Pearson's chi-squared, with a mean of the degrees of freedom and a standard deviation of the
 * square root of twice that.
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
#define DEVIATION 6.0 /* not exceeded at random with 20 seeds, 6 patterns, 4 sizes */

static __u64 keys[CLIENTS];

static struct lb_seed random_seed(void)
{
	return (struct lb_seed){{random_word(), random_word()}};
}

/* Returns how many standard deviations the distribution over `bins` is worse than random. */
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
	if (!ok(worst < DEVIATION, "%s are distributed evenly", pattern))
		diag("%.1f standard deviations", worst);
}

static void test_spread(void)
{
	struct lb_seed fixed = random_seed();
	__u32 net = 0x0a000000;

	for (int i = 0; i < CLIENTS; i++)
		keys[i] = lb_flow_key4(htonl(net + 1), htons(i), 1);
	check_pattern("ports of one client");
	for (int i = 0; i < CLIENTS; i++)
		keys[i] = lb_flow_key4(htonl(net + i), htons(40000), 1);
	check_pattern("consecutive clients");
	for (int i = 0; i < CLIENTS; i++)
		keys[i] = lb_flow_key4(htonl(net + i % 256), htons(1024 + i / 256), 1);
	check_pattern("clients and ports of a network");
	for (int i = 0; i < CLIENTS; i++)
		keys[i] = lb_flow_key4(htonl(net + ((__u32)i << 16)), htons(40000), 1);
	check_pattern("clients that differ in upper bytes");
	for (int i = 0; i < CLIENTS; i++) {
		__u64 address[2] = {0xb80d0120ULL, (__u64)htonl(i / 64) << 32};

		keys[i] = lb_flow_key6(address, htons(i % 64), 1, random_seed());
	}
	check_pattern("IPv6 clients");
	for (int i = 0; i < CLIENTS; i++) {
		__u64 address[2] = {0xb80d0120ULL + ((__u64)htonl(i) << 32), 1ULL << 56};

		keys[i] = lb_flow_key6(address, htons(40000), 1, fixed);
	}
	check_pattern("IPv6 networks with one seed");
}

/* How often an input bit flips an output bit: minimum and maximum over all pairs. */
struct flips {
	double least, most;
};

static void add_flips(struct flips *flips, const unsigned int *flipped, int bits)
{
	for (int to = 0; to < bits; to++) {
		flips->least = fmin(flips->least, flipped[to] / (double)TRIES);
		flips->most = fmax(flips->most, flipped[to] / (double)TRIES);
	}
}

static void check_flips(const struct flips *flips, double margin, const char *what)
{
	if (!ok(flips->least > margin && flips->most < 1 - margin, "%s", what))
		diag("in %.3f to %.3f of all cases", flips->least, flips->most);
}

/* Each bit of a key flips each used bit of the hash in about half of all cases. */
static void test_avalanche(void)
{
	struct flips flips = {1, 0};

	for (int from = 0; from < 64; from++) {
		unsigned int flipped[32] = {0};

		for (int i = 0; i < TRIES; i++) {
			struct lb_seed seed = random_seed();
			__u64 key = random_word();
			__u64 change = lb_mix(key, seed) ^ lb_mix(key ^ 1ULL << from, seed);

			for (int to = 0; to < 32; to++)
				flipped[to] += change >> (32 + to) & 1;
		}
		add_flips(&flips, flipped, 32);
	}
	check_flips(&flips, 0.2, "each bit of a key flips each used hash bit");
}

/* Each bit of an IPv6 client flips each bit of its key, the outer ones less evenly. */
static void test_avalanche6(void)
{
	struct flips flips = {1, 0};

	for (int from = 0; from < 144; from++) {
		unsigned int flipped[48] = {0};

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
				flipped[to] += change >> (16 + to) & 1;
		}
		add_flips(&flips, flipped, 48);
	}
	check_flips(&flips, 0.1, "each bit of an IPv6 client flips each key bit");
}

static void test_scale(void)
{
	bool inside = true;

	for (int i = 0; i < 100000; i++) {
		__u32 range = 1 + (random_word() >> (32 + random_below(32)));

		inside &= lb_scale(random_word(), range) < range;
		inside &= lb_scale(~0ULL, range) == range - 1 && lb_scale(0, range) == 0;
	}
	ok(inside, "a scaled hash covers its range");
}

int main(void)
{
	test_spread();
	test_avalanche();
	test_avalanche6();
	test_scale();
	return tap_done();
}
