// SPDX-License-Identifier: GPL-2.0-only
/*
 * Edge cases of the feedback law: no measurements, no usable backends, invalid values. Its
 * stability is tested by simulation (tests/sim).
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

/* Backends with a latency of 10 ms each. */
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

static void silence(size_t index)
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
	   "a slower backend loses a little at first");
	is_int(backend[0].since_ns, now_ns, "the reason has the time of its change");
	is_int(backend[0].samples, 100, "the samples are counted");
	step(3, MINUTE);
	ok(is_near(backend[0].factor, 3.0 / 11) && is_near(backend[1].factor, 15.0 / 11),
	   "factors reach 1/latency, with a mean of 1");
	ok(is_reason(0, FEEDBACK_SETTLED), "a factor at its target is settled");
	is_int(feedback_factor_milli(&backend[0]), lround(backend[0].factor * 1000),
	       "the factor is given in 1/1000");
	ok(backend[0].since_ns < now_ns, "a reason that stays keeps its time");
}

static void test_weights(void)
{
	begin(2);
	window[0].weight_milli = 3000;
	window[0].latency_us = 20000;
	step(2, 2 * MINUTE);
	ok(is_near(backend[0].factor, 0.8) && is_near(backend[1].factor, 1.6),
	   "the mean of 1 is weighted");
	window[0].weight_milli = 0;
	step(2, 2);
	ok(isfinite(backend[0].factor) && is_near(backend[1].factor, 1),
	   "a backend without weight does not count");
	window[1].weight_milli = 0;
	step(2, 2);
	ok(isfinite(backend[0].factor) && isfinite(backend[1].factor),
	   "factors stay finite without any weight");
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
	   "a step is at most a quarter");
	step(BACKENDS, 2 * MINUTE);
	ok(is_reason(0, FEEDBACK_FLOORED) && is_near(backend[0].factor, 0.05),
	   "a very slow backend keeps a 20th");
	window[0].latency_us = 10000;
	step(BACKENDS, MINUTE);
	ok(is_near(backend[0].factor, 1), "a backend recovers within a minute");
	for (size_t i = 0; i < BACKENDS; i++)
		window[i].weight_milli = i ? 9000 : 100;
	window[0].latency_us = 100;
	step(BACKENDS, 2 * MINUTE);
	ok(is_reason(0, FEEDBACK_CAPPED) && is_near(backend[0].factor, 8),
	   "a very fast backend gets eight weights");
}

static void test_few_samples(void)
{
	begin(3);
	window[0].latency_us = 15000;
	window[0].samples = 2;
	step(3, 1);
	ok(backend[0].factor > 0.99 && backend[0].signals == FEEDBACK_FEW_SAMPLES,
	   "two samples of 1.5 latencies move little");
	window[0].latency_us = 200000;
	step(3, 2);
	ok(backend[0].factor < 0.95, "two samples of 20 latencies move a factor");
	begin(3);
	for (size_t i = 0; i < 3; i++)
		window[i].probe_us = i ? 4000 : 12000;
	silence(0);
	step(3, MINUTE);
	ok(is_near(backend[0].factor, 3.0 / 7), "without samples, probes are used");
	ok(backend[0].signals == FEEDBACK_PROBES && is_near(backend[0].latency_us, 30000),
	   "probes are scaled to response times");
}

static void test_failures(void)
{
	begin(3);
	window[0].samples = 0;
	window[0].latency_us = 0;
	window[0].failures = 100;
	step(3, MINUTE);
	ok(is_near(backend[0].factor, 0.05) && backend[0].signals & FEEDBACK_FAILURES,
	   "a backend that fails fast counts as slow");
	begin(3);
	window[0].failures = 1;
	window[0].latency_us = 1000;
	step(3, 1);
	ok(is_near(backend[0].latency_us, (100 * 1e3 + 1e6) / 101),
	   "a failure counts as one second");
	begin(3);
	for (size_t i = 0; i < 3; i++) {
		silence(i);
		window[i].failures = 100;
	}
	step(3, MINUTE);
	ok(is_near(backend[0].factor, 1), "equal failures keep equal factors");
}

static void test_stall(void)
{
	begin(3);
	window[0].outstanding = 1000;
	silence(0);
	step(3, 4);
	ok(backend[0].signals & FEEDBACK_STALL && backend[0].latency_us > 1e8,
	   "a stalled backend has a huge latency");
	ok(backend[0].factor < 0.8, "a stalled backend loses at once");
	begin(3);
	window[0].outstanding = 9;
	window[0].completions = 1;
	step(3, 1);
	ok(!(backend[0].signals & FEEDBACK_STALL), "a few waiting requests may be noise");
}

static void test_silence(void)
{
	begin(3);
	window[0].latency_us = 50000;
	step(3, MINUTE);
	silence(0);
	step(3, 3);
	ok(!is_reason(0, FEEDBACK_NEW) && backend[0].reason != FEEDBACK_HELD,
	   "three periods without samples change nothing");
	step(3, MINUTE);
	ok(is_reason(0, FEEDBACK_HELD) && is_near(backend[0].factor, 3.0 / 11),
	   "a minute without samples holds the factor");
	step(3, 2 * MINUTE);
	ok(is_reason(0, FEEDBACK_EXPIRED) && backend[0].factor < 1.01 && !backend[0].measured_ns,
	   "three minutes without samples reset the factor");
}

static void test_raise(void)
{
	begin(3);
	window[0].latency_us = 60e6;
	step(3, MINUTE);
	silence(0);
	step(3, 9);
	ok(backend[0].factor < 0.055, "a minimum factor is held for 5 s");
	step(3, 10);
	ok(is_reason(0, FEEDBACK_RAISED) && backend[0].factor > 0.06,
	   "a minimum factor without samples is raised");
	step(3, MINUTE);
	ok(is_reason(0, FEEDBACK_HELD) && is_near(backend[0].factor, 0.25),
	   "a factor is raised up to a quarter");
	window[0].samples = window[0].completions = 100;
	window[0].latency_us = 10000;
	step(3, 2);
	ok(backend[0].factor > 0.28, "new samples replace old confidence");
}

static void test_gain(void)
{
	begin(3);
	step(3, 10);
	ok(is_near(feedback.saturation, 1) && is_near(feedback.gain, 0.1),
	   "the gain is 0.1 in an idle service");
	for (size_t i = 0; i < 3; i++)
		window[i].latency_us = 50000;
	step(3, 10);
	ok(is_near(feedback.saturation, 5) && is_near(feedback.gain, 0.028),
	   "the gain falls as latencies rise");
}

/* The factor of the slower of two backends after 10 s, with flows of this age. */
static double factor_of_slower(double age)
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
	double at_once = factor_of_slower(0), late = factor_of_slower(80);

	ok(late > at_once + 0.03, "with long-lived flows factors wait for traffic");
	ok(late < 0.97, "with long-lived flows factors still move");
	step(2, 8 * MINUTE);
	ok(backend[0].factor < 0.6, "with long-lived flows factors reach targets");
	diag("factor %.3f with short-lived flows, %.3f with long-lived, %.3f finally", at_once,
	     late, backend[0].factor);
}

static void test_alone(void)
{
	begin(1);
	step(1, MINUTE);
	ok(is_reason(0, FEEDBACK_ALONE) && backend[0].factor == 1,
	   "a single backend has a factor of 1");
	begin(3);
	silence(1);
	silence(2);
	window[0].latency_us = 1e6;
	step(3, MINUTE);
	ok(is_reason(0, FEEDBACK_ALONE) && is_near(backend[0].factor, 1),
	   "the only measured backend has a factor of 1");
	step(0, 3);
	ok(true, "a step without backends does nothing");
}

static void test_health(void)
{
	begin(4);
	window[0].latency_us = 50000;
	step(4, MINUTE);
	window[1].usable = window[2].usable = false;
	step(4, 1);
	ok(is_reason(1, FEEDBACK_UNUSABLE), "an unusable backend is held");
	ok(!feedback.fail_open && backend[0].applied == backend[0].factor,
	   "factors apply if half the weight is healthy");
	window[3].usable = false;
	step(4, 1);
	ok(feedback.fail_open && backend[0].applied == 1, "factors do not apply below that");
	window[0].usable = false;
	step(4, 2);
	ok(backend[0].applied == 1 && isfinite(backend[0].factor),
	   "factors do not apply if none is healthy");
	for (size_t i = 0; i < 4; i++)
		window[i].usable = true;
	step(4, 1);
	ok(backend[0].applied < 0.5, "a backend that returns has its factor");
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
	ok(!memcmp(before, backend, sizeof(before)), "a step needs time to pass");
	feedback_step(&feedback, backend, window, 3, ~0ULL);
	ok(backend[0].factor < 1 && backend[0].factor > 0.7, "a long period is one step");
}

static double any_double(void)
{
	static const double values[] = {0,     -1,  NAN, INFINITY, -INFINITY, 1e-300,
					1e300, 1e4, 5e4, 1e6,	   1,	      0x1p-1074};

	return values[random_below(sizeof(values) / sizeof(values[0]))];
}

static __u64 any_number(void)
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
				.samples = any_number(),
				.latency_us = any_double(),
				.failures = any_number(),
				.outstanding = any_number(),
				.completions = any_number(),
				.probe_us = any_double(),
			};
		step(BACKENDS, 1);
		for (size_t i = 0; i < BACKENDS; i++)
			sane &= backend[i].factor >= 0.05 && backend[i].factor <= 8 &&
				feedback_factor_milli(&backend[i]) >= 50 &&
				backend[i].reason < FEEDBACK_REASON_COUNT;
	}
	ok(sane, "any input leaves factors within bounds");
}

int main(void)
{
	test_follows();
	test_weights();
	test_bounds();
	test_few_samples();
	test_failures();
	test_stall();
	test_silence();
	test_raise();
	test_gain();
	test_lag();
	test_alone();
	test_health();
	test_time();
	test_invalid_values();
	return tap_done();
}
