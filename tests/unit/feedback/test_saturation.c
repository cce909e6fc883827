// SPDX-License-Identifier: GPL-2.0-only
/* Saturation of a backend: its latency relative to the minimum. */
#include <math.h>

#include "core/tap.h"
#include "feedback/saturation.h"

static void add_steps(struct saturation *saturation, int times, double latency_us, double samples)
{
	while (times-- > 0)
		saturation_update(saturation, latency_us, samples);
}

static bool is_near(double got, double wanted)
{
	return fabs(got - wanted) < wanted / 20;
}

static void test_samples(void)
{
	struct saturation saturation = {0};

	ok(saturation_estimate(&saturation) == 0, "saturation is unknown at first");
	add_steps(&saturation, 10, 1000, 5);
	ok(saturation_estimate(&saturation) == 0, "few samples leave it unknown");
	add_steps(&saturation, 100, 1000, 5);
	ok(is_near(saturation_estimate(&saturation), 1), "a constant latency is a saturation of 1");
	saturation_update(&saturation, 100, 1);
	add_steps(&saturation, 1000, 1000, 5);
	ok(is_near(saturation_estimate(&saturation), 1), "one short response is not the minimum");
}

static void test_minimum(void)
{
	struct saturation saturation = {0};

	add_steps(&saturation, 10, 1000, 200);
	add_steps(&saturation, 10, 4000, 200);
	ok(is_near(saturation_estimate(&saturation), 4), "a latency of four minima is 4");
	saturation_rotate(&saturation);
	ok(is_near(saturation_estimate(&saturation), 4), "the minimum outlasts one window");
	add_steps(&saturation, 10, 4000, 200);
	saturation_rotate(&saturation);
	add_steps(&saturation, 10, 4000, 200);
	ok(is_near(saturation_estimate(&saturation), 1), "the minimum expires after two windows");
	add_steps(&saturation, 10, 2000, 200);
	ok(is_near(saturation_estimate(&saturation), 1), "a lower latency is the minimum at once");
}

int main(void)
{
	test_samples();
	test_minimum();
	return tap_done();
}
