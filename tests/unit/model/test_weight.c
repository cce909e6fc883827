// SPDX-License-Identifier: GPL-2.0-only
/* Weights: accepted and refused texts, effective weights, fail open, bounds. */
#include <errno.h>

#include "core/tap.h"
#include "model/weight.h"
#include "random.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define UNTOUCHED    4711

#define NONE LB_NO_OVERRIDE

static const struct {
	const char *text;
	__u16 weight; /* as configured */
	__u32 override; /* before */
	__u32 milli;
} good[] = {
	/* absolute */
	{"7", 5, NONE, 7000},
	{"0", 5, NONE, 0},
	{"007", 5, NONE, 7000},
	{"65535", 5, NONE, 65535000},
	{"7", 5, 2500, 7000},
	/* relative to the configured weight, whatever the override */
	{"50%", 5, NONE, 2500},
	{"50%", 5, 9000, 2500},
	{"50%", 1, NONE, 500},
	{"1%", 1, NONE, 10},
	{"0%", 5, NONE, 0},
	{"200%", 5, NONE, 10000},
	{"33%", 0, 1000, NONE},
	{"1%", 65535, NONE, 655350},
	{"6553500%", 1, NONE, 65535000},
	/* relative to the current weight */
	{"+2", 5, NONE, 7000},
	{"-2", 5, NONE, 3000},
	{"-5", 5, NONE, 0},
	{"+2", 5, 2500, 4500},
	{"-2", 5, 2500, 500},
	{"+1", 5, 0, 1000},
	{"+65535", 0, NONE, 65535000},
	{"-65535", 65535, NONE, 0},
	{"+0", 5, 2500, 2500},
	{"-0", 5, 2500, 2500},
	/* the configured weight itself is no override */
	{"5", 5, NONE, NONE},
	{"5", 5, 7000, NONE},
	{"0", 0, 7000, NONE},
	{"100%", 5, 7000, NONE},
	{"+2", 5, 3000, NONE},
	{"-2", 5, 7000, NONE},
	{"+0", 5, NONE, NONE},
};

static const struct {
	const char *text;
	int err;
} bad[] = {
	{"", -EINVAL},
	{"+", -EINVAL},
	{"-", -EINVAL},
	{"%", -EINVAL},
	{"+%", -EINVAL},
	{"heavy", -EINVAL},
	{"5x", -EINVAL},
	{"x5", -EINVAL},
	{"5 ", -EINVAL},
	{" 5", -EINVAL},
	{"0x5", -EINVAL},
	{"1.5", -EINVAL},
	{"1e3", -EINVAL},
	{"5%%", -EINVAL},
	{"5% ", -EINVAL},
	{"+5%", -EINVAL},
	{"-5%", -EINVAL},
	{"--5", -EINVAL},
	{"+-5", -EINVAL},
	{"65536", -ERANGE},
	{"+65531", -ERANGE},
	{"-6", -ERANGE},
	{"1310720%", -ERANGE},
	{"999999999", -ERANGE},
	{"999999999%", -ERANGE},
	{"-999999999", -ERANGE},
	{"18446744073709551616", -ERANGE},
	{"99999999999999999999999999999999", -ERANGE},
	{"+99999999999999999999999999999999", -ERANGE},
	{"99999999999999999999999999999999%", -ERANGE},
};

static struct lb_backend_config backend_of(__u16 weight, __u32 override)
{
	return (struct lb_backend_config){.weight = weight, .override_milli = override};
}

static void test_good(void)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		struct lb_backend_config backend = backend_of(good[i].weight, good[i].override);
		__u32 milli = UNTOUCHED;

		ok(!weight_parse(good[i].text, &backend, &milli) && milli == good[i].milli,
		   "\"%s\" of %u, now %u, is %d", good[i].text, good[i].weight,
		   weight_base_milli(&backend), (int)good[i].milli);
	}
}

static void test_bad(void)
{
	struct lb_backend_config backend = backend_of(5, NONE);

	for (size_t i = 0; i < COUNT(bad); i++) {
		__u32 milli = UNTOUCHED;
		int err = weight_parse(bad[i].text, &backend, &milli);

		ok(err == bad[i].err && milli == UNTOUCHED, "\"%s\" is refused: %s", bad[i].text,
		   bad[i].err == -EINVAL ? "invalid" : "out of range");
	}
}

static void test_in_place(void)
{
	struct lb_backend_config backend = backend_of(5, NONE);

	ok(!weight_parse("+3", &backend, &backend.override_milli) && backend.override_milli == 8000,
	   "the override can be parsed in place");
	ok(!weight_parse("-3", &backend, &backend.override_milli) && backend.override_milli == NONE,
	   "returning to the configured weight ends it");
}

static void test_base(void)
{
	struct lb_backend_config backend = backend_of(5, NONE);

	is_int(weight_base_milli(&backend), 5000,
	       "without an override the configured weight counts");
	backend.override_milli = 500;
	is_int(weight_base_milli(&backend), 500, "an override replaces the configured weight");
	backend.override_milli = 0;
	is_int(weight_base_milli(&backend), 0, "an override of 0 is an override");
	backend = backend_of(65535, NONE);
	is_int(weight_base_milli(&backend), 65535000, "the largest weight does not overflow");
}

/* Every combination, compared with the formula in model/weight.h. */
static void test_effective(void)
{
	bool zero = true, weighted = true, alike = true;

	for (int state = 0; state < LB_STATE_COUNT; state++) {
		for (int health = 0; health < LB_HEALTH_COUNT; health++) {
			struct lb_backend_config backend = backend_of(5, 2500);
			bool takes = state == LB_STATE_READY && health != LB_HEALTH_DOWN;
			__u32 rr, wrr, random;

			backend.state = state;
			backend.health = health;
			rr = weight_effective_milli(&backend, LB_SCHEDULER_RR);
			wrr = weight_effective_milli(&backend, LB_SCHEDULER_WRR);
			random = weight_effective_milli(&backend, LB_SCHEDULER_RANDOM);
			zero &= takes || (!rr && !wrr && !random);
			weighted &= !takes || (wrr == 2500 && random == 2500);
			alike &= !takes || rr == 1000;
		}
	}
	ok(zero, "a backend out of service has weight 0");
	ok(weighted, "wrr and random use the current weight");
	ok(alike, "rr treats all weights alike");
}

static void test_effective_zero(void)
{
	struct lb_backend_config configured = backend_of(0, NONE), overridden = backend_of(5, 0);

	is_int(weight_effective_milli(&configured, LB_SCHEDULER_RR), 0, "rr keeps a weight of 0");
	is_int(weight_effective_milli(&overridden, LB_SCHEDULER_RR), 0,
	       "rr keeps an override of 0");
	is_int(weight_effective_milli(&overridden, LB_SCHEDULER_WRR), 0,
	       "wrr keeps an override of 0");
}

/* Latency factor and slow start. */
static void test_effective_factors(void)
{
	struct lb_backend_config backend = backend_of(5, NONE);

	backend.latency_milli = 500;
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_WRR), 2500,
	       "the latency factor multiplies the weight");
	backend.slow_start_milli = 100;
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_WRR), 250,
	       "slow start multiplies it as well");
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_RR), 50, "rr uses both factors");
	backend.override_milli = 1;
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_WRR), 1,
	       "a positive weight stays positive");
	backend.override_milli = 0;
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_WRR), 0, "a weight of 0 stays 0");
	backend.override_milli = LB_WEIGHT_MAX * 1000U;
	backend.latency_milli = 8000;
	backend.slow_start_milli = 0;
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_WRR), LB_WEIGHT_MAX * 1000LL,
	       "a weight is at most the maximum");
}

/* A service with id 1, three backends of weight 4, and one of another service. */
static void pool_of(struct lb_backend_config pool[5], const __u8 health[3])
{
	memset(pool, 0, 5 * sizeof(*pool));
	for (int i = 0; i < 4; i++) {
		pool[i + 1] = backend_of(4, NONE);
		pool[i + 1].service = i < 3 ? 1 : 2;
		pool[i + 1].health = i < 3 ? health[i] : LB_HEALTH_UP;
		pool[i + 1].latency_milli = 500;
	}
}

static struct weight_sum sum_of(const struct lb_backend_config pool[5], __u16 service)
{
	struct weight_sum sum = {0};

	for (int i = 1; i < 5; i++)
		if (pool[i].service == service)
			weight_sum_add(&sum, &pool[i]);
	return sum;
}

/* The mode of a service that spills to another one; 0 = to none. */
static enum weight_mode mode_of(const struct lb_backend_config pool[5], __u16 service, __u16 spill)
{
	struct weight_sum own = sum_of(pool, service), other = sum_of(pool, spill);

	return weight_mode(&own, &other);
}

static __u32 mode_milli(const struct lb_backend_config pool[5], __u32 id)
{
	struct lb_backend_config adjusted = weight_apply_mode(&pool[id], mode_of(pool, 1, 0));

	return weight_effective_milli(&adjusted, LB_SCHEDULER_WRR);
}

static void test_fail_open(void)
{
	static const __u8 up = LB_HEALTH_UP, down = LB_HEALTH_DOWN, unknown = LB_HEALTH_UNKNOWN;
	struct lb_backend_config pool[5];

	pool_of(pool, (const __u8[]){up, up, down});
	is_int(mode_of(pool, 1, 0), WEIGHT_NORMAL, "two of three up are normal");
	is_int(mode_milli(pool, 1), 2000, "latency counts in normal mode");
	is_int(mode_milli(pool, 3), 0, "health counts in normal mode");
	pool_of(pool, (const __u8[]){up, down, down});
	is_int(mode_of(pool, 1, 0), WEIGHT_NO_LATENCY, "one of three up ignores latency");
	is_int(mode_milli(pool, 1), 4000, "without latency the weight is full");
	is_int(mode_milli(pool, 2), 0, "without latency health counts");
	pool_of(pool, (const __u8[]){down, down, down});
	is_int(mode_of(pool, 1, 0), WEIGHT_FAIL_OPEN, "none of three up fails open");
	is_int(mode_milli(pool, 2), 4000, "a backend that is down has its weight");
	pool[2].state = LB_STATE_DRAIN;
	is_int(mode_milli(pool, 2), 0, "a draining backend has no weight");
	pool[1].override_milli = 0;
	pool[3].state = LB_STATE_MAINT;
	is_int(mode_of(pool, 1, 0), WEIGHT_NORMAL, "without ready backends nothing fails open");
	pool_of(pool, (const __u8[]){unknown, down, down});
	is_int(mode_of(pool, 1, 0), WEIGHT_NO_LATENCY, "unknown health counts as up");
	pool[1].override_milli = 8000;
	is_int(mode_of(pool, 1, 0), WEIGHT_NORMAL, "half of the weight up is normal");
	is_int(mode_of(pool, 3, 0), WEIGHT_NORMAL, "a service without backends is normal");
}

/* Another service takes the flows if all backends are down. */
static void test_spill(void)
{
	static const __u8 up = LB_HEALTH_UP, down = LB_HEALTH_DOWN;
	struct lb_backend_config pool[5];

	pool_of(pool, (const __u8[]){down, down, down});
	is_int(mode_of(pool, 1, 2), WEIGHT_NO_LATENCY,
	       "a service that can spill does not fail open");
	pool[4].health = LB_HEALTH_UNKNOWN;
	is_int(mode_of(pool, 1, 2), WEIGHT_NO_LATENCY, "unknown health is good enough to spill to");
	pool[4].health = down;
	is_int(mode_of(pool, 1, 2), WEIGHT_FAIL_OPEN, "a spill target that is down fails open");
	pool[4].health = up;
	pool[4].state = LB_STATE_DRAIN;
	is_int(mode_of(pool, 1, 2), WEIGHT_FAIL_OPEN, "a draining spill target fails open");
	pool[4].state = LB_STATE_READY;
	pool[4].override_milli = 0;
	is_int(mode_of(pool, 1, 2), WEIGHT_FAIL_OPEN, "a spill target of weight 0 fails open");
	pool_of(pool, (const __u8[]){up, up, down});
	is_int(mode_of(pool, 1, 2), WEIGHT_NORMAL, "a service with backends up is normal");
}

/* Bounds are in 1/2^20: the share times the factor. */
static void test_bound(void)
{
	is_int(weight_bound(1000, 4000, 0), 0, "without a load factor there is no bound");
	is_int(weight_bound(0, 4000, 1250), 0, "a weight of 0 has no bound");
	is_int(weight_bound(0, 0, 1250), 0, "a sum of 0 has no bound");
	is_int(weight_bound(1000, 4000, 1250), 327680, "the bound is 1.25 times a quarter");
	is_int(weight_bound(5000, 9000, 1100), 640796, "the bound is 1.1 times 5/9");
	is_int(weight_bound(1, 65535000, 1001), 1, "a positive bound stays positive");
	is_int(weight_bound(65535000, 65535000, 100000), 100 << 20, "the largest bound fits");
	is_int(weight_bound(65535000, 268435456000ULL, 2000), 511, "the largest sum fits");
}

/* Random texts. */
static void test_random(void)
{
	static const char letters[] = "0123456789%+- .x";
	bool within = true, untouched = true;
	int accepted = 0;

	for (int i = 0; i < 200000; i++) {
		struct lb_backend_config backend = backend_of(random_below(65536), NONE);
		size_t length = random_below(8);
		__u32 milli = UNTOUCHED;
		char text[8];

		if (random_below(2))
			backend.override_milli = random_below(LB_WEIGHT_MAX * 1000 + 1);
		for (size_t k = 0; k < length; k++)
			text[k] = letters[random_below(sizeof(letters) - 1)];
		text[length] = '\0';
		if (weight_parse(text, &backend, &milli)) {
			untouched &= milli == UNTOUCHED;
			continue;
		}
		accepted++;
		within &= milli == NONE || milli <= LB_WEIGHT_MAX * 1000;
		within &= milli != backend.weight * 1000U;
	}
	ok(accepted > 1000 && accepted < 150000, "random texts are mostly refused");
	ok(within, "accepted weights are within the limits");
	ok(untouched, "refused texts change nothing");
}

int main(void)
{
	test_good();
	test_bad();
	test_in_place();
	test_base();
	test_effective();
	test_effective_zero();
	test_effective_factors();
	test_fail_open();
	test_spill();
	test_bound();
	test_random();
	return tap_done();
}
