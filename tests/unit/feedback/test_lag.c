// SPDX-License-Identifier: GPL-2.0-only
/* Leads of factors before traffic: the older flows are, the longer there is one. */
#include <math.h>

#include "core/tap.h"
#include "feedback/lag.h"

static struct lag_ages mean;
static double past_factor, result;

/* So many periods, each with so many requests of flows of that age. */
static void add_requests(int times, double requests, double age)
{
	const struct lag_ages window = {requests, requests * age};

	while (times-- > 0)
		lag_update(&mean, &window);
}

static void step(int times, double factor)
{
	while (times-- > 0)
		result = lag_estimate(&past_factor, factor, lag_age(&mean));
}

/* Of a service whose flows have that age, and a factor that has been 1 for long. */
static void begin(double age)
{
	mean = (struct lag_ages){0};
	past_factor = 0;
	add_requests(1, 10, age);
	step(100, 1);
}

static void test_age(void)
{
	mean = (struct lag_ages){0};
	ok(lag_age(&mean) == 0, "where nothing was heard no flow is old");
	add_requests(1, 10, 8);
	ok(fabs(lag_age(&mean) - 8) < 1e-9, "the first that are heard tell at once");
	add_requests(59, 10, 8);
	add_requests(30, 10, 20);
	ok(lag_age(&mean) > 11 && lag_age(&mean) < 18, "what changes is believed slowly");
	add_requests(600, 0, 0);
	ok(lag_age(&mean) > 11 && lag_age(&mean) < 18, "silence changes nothing");
	add_requests(2000, 1, 1e6);
	ok(lag_age(&mean) == 240, "nor is anything older than two minutes");
}

static void test_correction(void)
{
	double after;

	begin(20);
	ok(result == 0, "where nothing moves there is no lead");
	step(1, 0.7);
	ok(result > 0.3 && result < 0.36, "a factor that moves has all its way to go back");
	step(20, 0.7);
	after = result;
	ok(after > 0.15 && after < 0.3, "less, as traffic follows");
	step(200, 0.7);
	ok(result < 0.02, "and nothing when it is there");
	step(1, 1);
	ok(result < -0.3, "upwards as well");
	step(1, 0.01);
	ok(result == 0.5, "but no more than a half");
}

static void test_short(void)
{
	begin(0);
	step(1, 0.5);
	ok(result == 0, "with a flow for each request there is none");
	begin(1);
	step(5, 0.5);
	ok(result < 0.2, "with short ones hardly any");
	begin(40);
	step(5, 0.5);
	ok(result == 0.5, "with long ones it stays");
}

int main(void)
{
	test_age();
	test_correction();
	test_short();
	return tap_done();
}
