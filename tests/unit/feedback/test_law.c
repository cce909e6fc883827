// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slow loop's law at its edges: nothing known, nobody left, nonsense measured. That it
 * is stable is shown by simulation (tests/sim).
 */
#include <math.h>
#include <string.h>

#include "core/tap.h"
#include "feedback/law.h"
#include "random.h"

#define BACKENDS 8
#define MINUTE	 120 /* steps */

static struct feedback feedback;
static struct feedback_backend backend[BACKENDS];
static struct feedback_window window[BACKENDS];
static __u64 now_ns;

/* Backends that answer within 10 ms each. */
static void begin(size_t count)
{
	feedback = (struct feedback){0};
	now_ns = 5000000000ULL;
	for (size_t i = 0; i < count; i++) {
		feedback_reset(&backend[i]);
		window[i] = (struct feedback_window){
			.weight_milli = 1000,
			.usable = true,
			.samples = 100,
			.latency_us = 10000,
			.completions = 100,
		};
	}
}

static void step(size_t count, int times)
{
	while (times-- > 0) {
		now_ns += FEEDBACK_PERIOD_NS;
		feedback_step(&feedback, backend, window, count, now_ns);
	}
}

static void set_silent(size_t index)
{
	window[index].samples = window[index].completions = 0;
	window[index].latency_us = 0;
}

static bool is_near(double got, double wanted)
{
	bool near = fabs(got - wanted) <= 0.04 * wanted;

	if (!near)
		diag("got %.3f, wanted %.3f", got, wanted);
	return near;
}

static bool is_reason(size_t index, enum feedback_reason reason)
{
	bool is = backend[index].reason == reason;

	if (!is)
		diag("%s", feedback_reason_name(backend[index].reason));
	return is;
}

static void test_follows(void)
{
	begin(3);
	window[0].latency_us = 50000;
	step(3, 1);
	ok(is_reason(0, FEEDBACK_FOLLOWS) && backend[0].factor < 0.95 && backend[0].factor > 0.8,
	   "who is slower gets less, a little at first");
	is_int(backend[0].since_ns, now_ns, "since now");
	is_int(backend[0].samples, 100, "by its 100 answers");
	step(3, MINUTE);
	ok(is_near(backend[0].factor, 3.0 / 11) && is_near(backend[1].factor, 15.0 / 11),
	   "and comes to what 1/latency says, of a mean of 1");
	ok(is_reason(0, FEEDBACK_SETTLED), "where it stays");
	is_int(feedback_factor_milli(&backend[0]), lround(backend[0].factor * 1000), "in 1/1000");
	ok(backend[0].since_ns < now_ns, "since earlier");
}

static void test_weights(void)
{
	begin(2);
	window[0].weight_milli = 3000;
	window[0].latency_us = 20000;
	step(2, 2 * MINUTE);
	ok(is_near(backend[0].factor, 0.8) && is_near(backend[1].factor, 1.6),
	   "the mean of 1 is that of weights");
	window[0].weight_milli = 0;
	step(2, 2);
	ok(isfinite(backend[0].factor) && is_near(backend[1].factor, 1),
	   "who has no weight counts for nothing");
	window[1].weight_milli = 0;
	step(2, 2);
	ok(isfinite(backend[0].factor) && isfinite(backend[1].factor), "nor if nobody has any");
}

static void test_bounds(void)
{
	double before, after;

	begin(BACKENDS);
	window[0].latency_us = 60e6;
	step(BACKENDS, 1);
	before = backend[0].factor / backend[1].factor;
	step(BACKENDS, 1);
	after = backend[0].factor / backend[1].factor;
	ok(is_reason(0, FEEDBACK_LIMITED) && after > 0.76 * before && after < 0.779 * before,
	   "one step is by a quarter at most");
	step(BACKENDS, 2 * MINUTE);
	ok(is_reason(0, FEEDBACK_FLOORED) && is_near(backend[0].factor, 0.05),
	   "a very slow one keeps a 20th");
	window[0].latency_us = 10000;
	step(BACKENDS, MINUTE);
	ok(is_near(backend[0].factor, 1), "and is back within a minute");
	for (size_t i = 0; i < BACKENDS; i++)
		window[i].weight_milli = i ? 9000 : 100;
	window[0].latency_us = 100;
	step(BACKENDS, 2 * MINUTE);
	ok(is_reason(0, FEEDBACK_CAPPED) && is_near(backend[0].factor, 8),
	   "a very fast one gets eight times its weight");
}

static void test_few(void)
{
	begin(3);
	window[0].latency_us = 15000;
	window[0].samples = 2;
	step(3, 1);
	ok(backend[0].factor > 0.99 && backend[0].signals == FEEDBACK_FEW_SAMPLES,
	   "two answers hardly tell that one is slower by a half");
	window[0].latency_us = 200000;
	step(3, 2);
	ok(backend[0].factor < 0.95, "but that it is twenty times as slow");
	begin(3);
	for (size_t i = 0; i < 3; i++)
		window[i].probe_us = i ? 4000 : 12000;
	set_silent(0);
	step(3, MINUTE);
	ok(is_near(backend[0].factor, 3.0 / 7), "where there are no answers, probes tell");
	ok(backend[0].signals == FEEDBACK_PROBES && is_near(backend[0].latency_us, 30000),
	   "by how long others take against their probes");
}

static void test_failures(void)
{
	begin(3);
	window[0].samples = 0;
	window[0].latency_us = 0;
	window[0].failures = 100;
	step(3, MINUTE);
	ok(is_near(backend[0].factor, 0.05) && backend[0].signals & FEEDBACK_FAILURES,
	   "who fails at once is slow");
	begin(3);
	window[0].failures = 1;
	window[0].latency_us = 1000;
	step(3, 1);
	ok(is_near(backend[0].latency_us, (100 * 1e3 + 1e6) / 101), "one failure is a second");
	for (size_t i = 0; i < 3; i++) {
		set_silent(i);
		window[i].failures = 100;
	}
	begin(3);
	step(3, MINUTE);
	ok(is_near(backend[0].factor, 1), "where all fail, all are alike");
}

static void test_stall(void)
{
	begin(3);
	window[0].outstanding = 1000;
	set_silent(0);
	step(3, 4);
	ok(backend[0].signals & FEEDBACK_STALL && backend[0].latency_us > 1e8,
	   "who answers nothing is as slow as its queue is long");
	ok(backend[0].factor < 0.8, "and gets less at once");
	begin(3);
	window[0].outstanding = 9;
	window[0].completions = 1;
	step(3, 1);
	ok(!(backend[0].signals & FEEDBACK_STALL), "a few that wait may be chance");
}

static void test_silence(void)
{
	begin(3);
	window[0].latency_us = 50000;
	step(3, MINUTE);
	set_silent(0);
	step(3, 3);
	ok(!is_reason(0, FEEDBACK_NEW) && backend[0].reason != FEEDBACK_HELD,
	   "three periods without a word are nothing");
	step(3, MINUTE);
	ok(is_reason(0, FEEDBACK_HELD) && is_near(backend[0].factor, 3.0 / 11),
	   "a minute holds the factor where it is");
	step(3, 2 * MINUTE);
	ok(is_reason(0, FEEDBACK_EXPIRED) && backend[0].factor < 1.01 && !backend[0].measured_ns,
	   "three make it as configured");
}

static void test_probe_weight(void)
{
	begin(3);
	window[0].latency_us = 60e6;
	step(3, MINUTE);
	set_silent(0);
	step(3, 9);
	ok(backend[0].factor < 0.055, "a floored one of which nothing is heard waits");
	step(3, 10);
	ok(is_reason(0, FEEDBACK_RAISED) && backend[0].factor > 0.06, "is raised then");
	step(3, MINUTE);
	ok(is_reason(0, FEEDBACK_HELD) && is_near(backend[0].factor, 0.25), "up to a quarter");
	window[0].samples = window[0].completions = 100;
	window[0].latency_us = 10000;
	step(3, 2);
	ok(backend[0].factor > 0.28, "and what is heard of it then counts, not its fall");
}

static void test_full(void)
{
	begin(3);
	step(3, 10);
	ok(is_near(feedback.saturation, 1) && is_near(feedback.gain, 0.1),
	   "in an empty pool the gain is a tenth");
	for (size_t i = 0; i < 3; i++)
		window[i].latency_us = 50000;
	step(3, 10);
	ok(is_near(feedback.saturation, 5) && is_near(feedback.gain, 0.028),
	   "and so much less as answers take longer than they did");
}

/* What is left to the slower of two, after some seconds, where flows are of that age. */
static double slower_factor(double age)
{
	begin(2);
	step(2, 10);
	for (size_t i = 0; i < 2; i++) {
		window[i].ages = (struct lag_ages){100, 100 * age};
		window[i].latency_us = i ? 20000 : 60000;
	}
	step(2, 20);
	return backend[0].factor;
}

static void test_lag(void)
{
	double at_once = slower_factor(0), late = slower_factor(80);

	ok(late > at_once + 0.03, "where flows live long factors wait for traffic");
	ok(late < 0.97, "but move");
	step(2, 8 * MINUTE);
	ok(backend[0].factor < 0.6, "and get to where they want to be");
	diag("factor %.3f where traffic follows at once, %.3f late, %.3f in the end", at_once, late,
	     backend[0].factor);
}

static void test_alone(void)
{
	begin(1);
	step(1, MINUTE);
	ok(is_reason(0, FEEDBACK_ALONE) && backend[0].factor == 1, "one backend is as configured");
	begin(3);
	set_silent(1);
	set_silent(2);
	window[0].latency_us = 1e6;
	step(3, MINUTE);
	ok(is_reason(0, FEEDBACK_ALONE) && is_near(backend[0].factor, 1),
	   "so is one of which alone something is known");
	step(0, 3);
	ok(true, "no backend at all is no trouble");
}

static void test_health(void)
{
	begin(4);
	window[0].latency_us = 50000;
	step(4, MINUTE);
	window[1].usable = window[2].usable = false;
	step(4, 1);
	ok(is_reason(1, FEEDBACK_UNUSABLE), "who takes no flows is out");
	ok(!feedback.fail_open && backend[0].applied == backend[0].factor,
	   "half of the weight is enough to go by factors");
	window[3].usable = false;
	step(4, 1);
	ok(feedback.fail_open && backend[0].applied == 1, "less is not");
	window[0].usable = false;
	step(4, 2);
	ok(backend[0].applied == 1 && isfinite(backend[0].factor), "nor is nothing");
	for (size_t i = 0; i < 4; i++)
		window[i].usable = true;
	step(4, 1);
	ok(backend[0].applied < 0.5, "who is back within minutes is as it was");
}

static void test_time(void)
{
	struct feedback_backend before[3];

	begin(3);
	step(3, 10);
	window[0].latency_us = 1e6;
	memcpy(before, backend, sizeof(before));
	feedback_step(&feedback, backend, window, 3, now_ns);
	feedback_step(&feedback, backend, window, 3, now_ns - 1);
	feedback_step(&feedback, backend, window, 3, 0);
	ok(!memcmp(before, backend, sizeof(before)), "time that stands or turns back is no step");
	feedback_step(&feedback, backend, window, 3, ~0ULL);
	ok(backend[0].factor < 1 && backend[0].factor > 0.7, "a long time is one step");
}

static double invalid_value(void)
{
	static const double values[] = {0,     -1,  NAN, INFINITY, -INFINITY, 1e-300,
					1e300, 1e4, 5e4, 1e6,	   1,	      0x1p-1074};

	return values[random_below(sizeof(values) / sizeof(values[0]))];
}

static __u64 random_time(void)
{
	return random_below(3) ? random_below(200) : random_below(4) ? 0 : random_word();
}

static void test_invalid_values(void)
{
	bool sane = true;

	begin(BACKENDS);
	for (int round = 0; round < 20000; round++) {
		for (size_t i = 0; i < BACKENDS; i++)
			window[i] = (struct feedback_window){
				.weight_milli = random_below(4) ? random_below(65536000) : 0,
				.usable = random_below(5),
				.samples = random_time(),
				.latency_us = invalid_value(),
				.failures = random_time(),
				.outstanding = random_time(),
				.completions = random_time(),
				.probe_us = invalid_value(),
			};
		step(BACKENDS, 1);
		for (size_t i = 0; i < BACKENDS; i++)
			sane &= backend[i].factor >= 0.05 && backend[i].factor <= 8 &&
				feedback_factor_milli(&backend[i]) >= 50 &&
				backend[i].reason < FEEDBACK_REASON_COUNT;
	}
	ok(sane, "whatever is measured, factors stay within their bounds");
}

int main(void)
{
	test_follows();
	test_weights();
	test_bounds();
	test_few();
	test_failures();
	test_stall();
	test_silence();
	test_probe_weight();
	test_full();
	test_lag();
	test_alone();
	test_health();
	test_time();
	test_invalid_values();
	return tap_done();
}
