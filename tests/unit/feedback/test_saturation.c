// SPDX-License-Identifier: GPL-2.0-only
/* How full a backend is, against the least that its answers took. */
#include <math.h>

#include "feedback/saturation.h"
#include "rig/tap.h"

static void hear(struct slowness *slowness, int times, double latency_us, double samples)
{
	while (times-- > 0)
		slowness_hear(slowness, latency_us, samples);
}

static bool is_near(double got, double wanted)
{
	return fabs(got - wanted) < wanted / 20;
}

static void test_few(void)
{
	struct slowness slowness = {0};

	ok(slowness_tell(&slowness) == 0, "nothing is known at first");
	hear(&slowness, 10, 1000, 5);
	ok(slowness_tell(&slowness) == 0, "nor by few samples");
	hear(&slowness, 100, 1000, 5);
	ok(is_near(slowness_tell(&slowness), 1), "by many, all is as short as it was");
	slowness_hear(&slowness, 100, 1);
	hear(&slowness, 1000, 1000, 5);
	ok(is_near(slowness_tell(&slowness), 1), "one short answer is not the least that it takes");
}

static void test_full(void)
{
	struct slowness slowness = {0};

	hear(&slowness, 10, 1000, 200);
	hear(&slowness, 10, 4000, 200);
	ok(is_near(slowness_tell(&slowness), 4), "four times as long is as much slower");
	slowness_turn(&slowness);
	ok(is_near(slowness_tell(&slowness), 4), "as it is behind one turn");
	hear(&slowness, 10, 4000, 200);
	slowness_turn(&slowness);
	hear(&slowness, 10, 4000, 200);
	ok(is_near(slowness_tell(&slowness), 1), "behind two, what was before is forgotten");
	hear(&slowness, 10, 2000, 200);
	ok(is_near(slowness_tell(&slowness), 1), "what is shorter is the least at once");
}

int main(void)
{
	test_few();
	test_full();
	return tap_done();
}
