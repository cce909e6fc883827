// SPDX-License-Identifier: GPL-2.0-only
/* Lag of traffic behind a factor: the older the flows, the longer it lasts. */
#include <math.h>

#include "core/tap.h"
#include "feedback/lag.h"

static struct lag_ages mean;
static double mean_factor, lag;

/* Periods with requests of flows of one age. */
static void add_periods(int times, double requests, double age)
{
	const struct lag_ages sample = {requests, requests * age};

	while (times-- > 0)
		lag_update(&mean, &sample);
}

static void step(int times, double factor)
{
	while (times-- > 0)
		lag = lag_estimate(&mean_factor, factor, lag_age(&mean));
}

/* A service with flows of this age, and a factor of 1. */
static void begin(double age)
{
	mean = (struct lag_ages){0};
	mean_factor = 0;
	add_periods(1, 10, age);
	step(100, 1);
}

static void test_age(void)
{
	mean = (struct lag_ages){0};
	ok(lag_age(&mean) == 0, "without requests the age is 0");
	add_periods(1, 10, 8);
	ok(fabs(lag_age(&mean) - 8) < 1e-9, "the first requests give the age");
	add_periods(59, 10, 8);
	add_periods(30, 10, 20);
	ok(lag_age(&mean) > 11 && lag_age(&mean) < 18, "a changed age is averaged");
	add_periods(600, 0, 0);
	ok(lag_age(&mean) > 11 && lag_age(&mean) < 18, "periods without requests keep the age");
	add_periods(2000, 1, 1e6);
	ok(lag_age(&mean) == 240, "the age is at most two minutes");
}

static void test_lag(void)
{
	double after;

	begin(20);
	ok(lag == 0, "a constant factor has no lag");
	step(1, 0.7);
	ok(lag > 0.3 && lag < 0.36, "a step of the factor is all lag");
	step(20, 0.7);
	after = lag;
	ok(after > 0.15 && after < 0.3, "the lag shrinks as traffic follows");
	step(200, 0.7);
	ok(lag < 0.02, "the lag ends when traffic has followed");
	step(1, 1);
	ok(lag < -0.3, "a rising factor has a lag as well");
	step(1, 0.01);
	ok(lag == 0.5, "the lag is at most 0.5");
}

static void test_flow_ages(void)
{
	begin(0);
	step(1, 0.5);
	ok(lag == 0, "one flow per request has no lag");
	begin(1);
	step(5, 0.5);
	ok(lag < 0.2, "short-lived flows have little lag");
	begin(40);
	step(5, 0.5);
	ok(lag == 0.5, "long-lived flows have a lag");
}

int main(void)
{
	test_age();
	test_lag();
	test_flow_ages();
	return tap_done();
}
