// SPDX-License-Identifier: GPL-2.0-only
/* How full a backend is, against the least that its answers took. */
#include <math.h>

#include "core/tap.h"
#include "feedback/saturation.h"

static void add_window(struct saturation *saturation, int times, double latency_us, double samples)
{
	while (times-- > 0)
		saturation_update(saturation, latency_us, samples);
}

static bool is_near(double got, double wanted)
{
	return fabs(got - wanted) < wanted / 20;
}

static void test_few(void)
{
	struct saturation saturation = {0};

	ok(saturation_estimate(&saturation) == 0, "nothing is known at first");
	add_window(&saturation, 10, 1000, 5);
	ok(saturation_estimate(&saturation) == 0, "nor by few samples");
	add_window(&saturation, 100, 1000, 5);
	ok(is_near(saturation_estimate(&saturation), 1), "by many, all is as short as it was");
	saturation_update(&saturation, 100, 1);
	add_window(&saturation, 1000, 1000, 5);
	ok(is_near(saturation_estimate(&saturation), 1),
	   "one short answer is not the least that it takes");
}

static void test_full(void)
{
	struct saturation saturation = {0};

	add_window(&saturation, 10, 1000, 200);
	add_window(&saturation, 10, 4000, 200);
	ok(is_near(saturation_estimate(&saturation), 4), "four times as long is as much slower");
	saturation_rotate(&saturation);
	ok(is_near(saturation_estimate(&saturation), 4), "as it is behind one turn");
	add_window(&saturation, 10, 4000, 200);
	saturation_rotate(&saturation);
	add_window(&saturation, 10, 4000, 200);
	ok(is_near(saturation_estimate(&saturation), 1),
	   "behind two, what was before is forgotten");
	add_window(&saturation, 10, 2000, 200);
	ok(is_near(saturation_estimate(&saturation), 1), "what is shorter is the least at once");
}

int main(void)
{
	test_few();
	test_full();
	return tap_done();
}
