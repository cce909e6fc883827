// SPDX-License-Identifier: GPL-2.0-only
/* Weights: what operators type, and what comes of it with state, health and scheduler. */
#include <errno.h>

#include "core/tap.h"
#include "model/weight.h"
#include "random.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define UNTOUCHED    4711

/* What stands for "as configured". */
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
	/* of the configured weight, whatever is wanted now */
	{"50%", 5, NONE, 2500},
	{"50%", 5, 9000, 2500},
	{"50%", 1, NONE, 500},
	{"1%", 1, NONE, 10},
	{"0%", 5, NONE, 0},
	{"200%", 5, NONE, 10000},
	{"33%", 0, 1000, NONE},
	{"1%", 65535, NONE, 655350},
	{"6553500%", 1, NONE, 65535000},
	/* on what is wanted now */
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
		   "\"%s\" where %u is configured and %u wanted makes %d", good[i].text,
		   good[i].weight, weight_base_milli(&backend), (int)good[i].milli);
	}
}

static void test_bad(void)
{
	struct lb_backend_config backend = backend_of(5, NONE);

	for (size_t i = 0; i < COUNT(bad); i++) {
		__u32 milli = UNTOUCHED;
		int err = weight_parse(bad[i].text, &backend, &milli);

		ok(err == bad[i].err && milli == UNTOUCHED, "\"%s\" is refused: %s", bad[i].text,
		   bad[i].err == -EINVAL ? "no weight" : "out of range");
	}
}

static void test_in_place(void)
{
	struct lb_backend_config backend = backend_of(5, NONE);

	ok(!weight_parse("+3", &backend, &backend.override_milli) && backend.override_milli == 8000,
	   "the override may be read into its own place");
	ok(!weight_parse("-3", &backend, &backend.override_milli) && backend.override_milli == NONE,
	   "and what is taken back leaves none");
}

static void test_configured(void)
{
	struct lb_backend_config backend = backend_of(5, NONE);

	is_int(weight_base_milli(&backend), 5000, "without an override the configured is wanted");
	backend.override_milli = 500;
	is_int(weight_base_milli(&backend), 500, "an override takes its place");
	backend.override_milli = 0;
	is_int(weight_base_milli(&backend), 0, "an override of 0, too");
	backend = backend_of(65535, NONE);
	is_int(weight_base_milli(&backend), 65535000, "the largest weight does not overflow");
}

/* Every combination, against the sentence in model/weight.h. */
static void test_effective(void)
{
	bool zero = true, weighted = true, equal_milli = true;

	for (int state = 0; state < LB_STATE_COUNT; state++) {
		for (int health = 0; health < LB_HEALTH_COUNT; health++) {
			struct lb_backend_config backend = backend_of(5, 2500);
			bool gets_flows = state == LB_STATE_READY && health != LB_HEALTH_DOWN;
			__u32 rr, wrr, random;

			backend.state = state;
			backend.health = health;
			rr = weight_effective_milli(&backend, LB_SCHEDULER_RR);
			wrr = weight_effective_milli(&backend, LB_SCHEDULER_WRR);
			random = weight_effective_milli(&backend, LB_SCHEDULER_RANDOM);
			zero &= gets_flows || (!rr && !wrr && !random);
			weighted &= !gets_flows || (wrr == 2500 && random == 2500);
			equal_milli &= !gets_flows || rr == 1000;
		}
	}
	ok(zero, "nothing goes to who is not ready, or is down");
	ok(weighted, "wrr and random go by the weight that is wanted, unknown health included");
	ok(equal_milli, "rr treats all that have a weight alike");
}

static void test_effective_of_nothing(void)
{
	struct lb_backend_config configured = backend_of(0, NONE), overridden = backend_of(5, 0);

	is_int(weight_effective_milli(&configured, LB_SCHEDULER_RR), 0,
	       "rr gives nothing to a weight of 0");
	is_int(weight_effective_milli(&overridden, LB_SCHEDULER_RR), 0, "nor to an override of 0");
	is_int(weight_effective_milli(&overridden, LB_SCHEDULER_WRR), 0, "nor does wrr");
}

/* What measurements and a slow start make of a weight, for every scheduler. */
static void test_effective_factors(void)
{
	struct lb_backend_config backend = backend_of(5, NONE);

	backend.latency_milli = 500;
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_WRR), 2500, "half by its latency");
	backend.slow_start_milli = 100;
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_WRR), 250,
	       "and a tenth of that as it starts");
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_RR), 50, "rr goes by them as well");
	backend.override_milli = 1;
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_WRR), 1,
	       "who has a weight keeps some of it");
	backend.override_milli = 0;
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_WRR), 0, "and who has none gets none");
	backend.override_milli = LB_WEIGHT_MAX * 1000U;
	backend.latency_milli = 8000;
	backend.slow_start_milli = 0;
	is_int(weight_effective_milli(&backend, LB_SCHEDULER_WRR), LB_WEIGHT_MAX * 1000LL,
	       "no weight is above what operators may give");
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

static __u32 counted_milli(const struct lb_backend_config pool[5], __u32 id)
{
	struct lb_backend_config counted = weight_apply_mode(&pool[id], weight_mode(pool, 5, 1, 0));

	return weight_effective_milli(&counted, LB_SCHEDULER_WRR);
}

static void test_fail_open(void)
{
	static const __u8 up = LB_HEALTH_UP, down = LB_HEALTH_DOWN, unknown = LB_HEALTH_UNKNOWN;
	struct lb_backend_config pool[5];

	pool_of(pool, (const __u8[]){up, up, down});
	is_int(weight_mode(pool, 5, 1, 0), WEIGHT_NORMAL, "two of three up: as usual");
	is_int(counted_milli(pool, 1), 2000, "latency counts");
	is_int(counted_milli(pool, 3), 0, "and health");
	pool_of(pool, (const __u8[]){up, down, down});
	is_int(weight_mode(pool, 5, 1, 0), WEIGHT_NO_LATENCY,
	       "one of three: latency does not count");
	is_int(counted_milli(pool, 1), 4000, "so who is left has all of its weight");
	is_int(counted_milli(pool, 2), 0, "and who is dead gets nothing");
	pool_of(pool, (const __u8[]){down, down, down});
	is_int(weight_mode(pool, 5, 1, 0), WEIGHT_FAIL_OPEN, "none of three: it fails open");
	is_int(counted_milli(pool, 2), 4000, "who is down gets its weight");
	pool[2].state = LB_STATE_DRAIN;
	is_int(counted_milli(pool, 2), 0, "but not who is drained");
	pool[1].override_milli = 0;
	pool[3].state = LB_STATE_MAINT;
	is_int(weight_mode(pool, 5, 1, 0), WEIGHT_NORMAL,
	       "nobody who could take flows: nothing opens");
	pool_of(pool, (const __u8[]){unknown, down, down});
	is_int(weight_mode(pool, 5, 1, 0), WEIGHT_NO_LATENCY, "unknown is as good as up");
	pool[1].override_milli = 8000;
	is_int(weight_mode(pool, 5, 1, 0), WEIGHT_NORMAL, "half of the weight is enough");
	is_int(weight_mode(pool, 5, 3, 0), WEIGHT_NORMAL, "a service without backends is as usual");
}

/* Where somebody else takes what nobody here can. */
static void test_spill(void)
{
	static const __u8 up = LB_HEALTH_UP, down = LB_HEALTH_DOWN;
	struct lb_backend_config pool[5];

	pool_of(pool, (const __u8[]){down, down, down});
	is_int(weight_mode(pool, 5, 1, 2), WEIGHT_NO_LATENCY,
	       "who spills to somebody does not fail open");
	pool[4].health = LB_HEALTH_UNKNOWN;
	is_int(weight_mode(pool, 5, 1, 2), WEIGHT_NO_LATENCY, "nor to somebody unknown");
	pool[4].health = down;
	is_int(weight_mode(pool, 5, 1, 2), WEIGHT_FAIL_OPEN, "but if they are down as well,");
	pool[4].health = up;
	pool[4].state = LB_STATE_DRAIN;
	is_int(weight_mode(pool, 5, 1, 2), WEIGHT_FAIL_OPEN, "drained,");
	pool[4].state = LB_STATE_READY;
	pool[4].override_milli = 0;
	is_int(weight_mode(pool, 5, 1, 2), WEIGHT_FAIL_OPEN, "or of weight 0");
	pool_of(pool, (const __u8[]){up, up, down});
	is_int(weight_mode(pool, 5, 1, 2), WEIGHT_NORMAL,
	       "as long as somebody is up it is as usual");
}

/* Parts of 2^20, as many times the share as the factor says. */
static void test_bound(void)
{
	is_int(weight_bound(1000, 4000, 0), 0, "without a load factor there is no bound");
	is_int(weight_bound(0, 4000, 1250), 0, "nor for a weight of 0");
	is_int(weight_bound(0, 0, 1250), 0, "nor where nobody has any");
	is_int(weight_bound(1000, 4000, 1250), 327680, "1.25 times a quarter");
	is_int(weight_bound(5000, 9000, 1100), 640796, "1.1 times five of nine");
	is_int(weight_bound(1, 65535000, 1001), 1, "next to nothing is not nothing");
	is_int(weight_bound(65535000, 65535000, 100000), 100 << 20, "the largest fits");
	is_int(weight_bound(65535000, 268435456000ULL, 2000), 511, "so does the largest sum");
}

/* Whatever is accepted is within the limits, and whatever is refused changes nothing. */
static void test_noise(void)
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
	ok(accepted > 1000 && accepted < 150000, "noise is read without fault, and mostly refused");
	ok(within, "what is accepted is within the limits, and the configured weight is none");
	ok(untouched, "what is refused leaves no trace");
}

int main(void)
{
	test_good();
	test_bad();
	test_in_place();
	test_configured();
	test_effective();
	test_effective_of_nothing();
	test_effective_factors();
	test_fail_open();
	test_spill();
	test_bound();
	test_noise();
	return tap_done();
}
