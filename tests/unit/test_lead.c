// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leads of factors before traffic: where it follows late there is one, to be taken back.
 */
#include <math.h>

#include "lead.h"
#include "tap.h"

#define WEIGHT 1000

static struct lead lead[2];
static double factor[2], told[2];
static struct lead_traffic traffic[2];
static __u32 weight[2];

static void step(int times)
{
	while (times-- > 0) {
		struct lead_pool pool = {0};

		for (int i = 0; i < 2; i++)
			lead_note(&lead[i], weight[i], factor[i], &traffic[i], &pool);
		for (int i = 0; i < 2; i++)
			told[i] = lead_tell(&lead[i], &pool, factor[i]);
	}
}

static void set(int i, __u64 packets, __u64 flows)
{
	traffic[i] = (struct lead_traffic){packets, flows};
}

/* Two alike, whose traffic is where it should be. */
static void begin(void)
{
	for (int i = 0; i < 2; i++) {
		lead[i] = (struct lead){0};
		factor[i] = 1;
		weight[i] = WEIGHT;
		set(i, 1000, 10);
	}
	step(40);
}

static bool is_none(void)
{
	return told[0] == 0 && told[1] == 0;
}

static void turn(void)
{
	factor[0] = 0.5;
	factor[1] = 1.5;
}

static void test_late(void)
{
	begin();
	ok(is_none(), "where nothing moves there is no lead");
	turn();
	set(0, 1000, 5);
	set(1, 1000, 15);
	step(20);
	ok(told[0] > 0.2 && told[0] <= 0.5 && told[1] < -0.1,
	   "factors move and traffic does not: both have run ahead");
	set(0, 500, 5);
	set(1, 1500, 15);
	step(40);
	ok(is_none(), "traffic has followed: neither has");
}

static void test_at_once(void)
{
	begin();
	turn();
	set(0, 800, 800);
	set(1, 1200, 1200);
	step(10);
	ok(fabs(told[0]) < 0.01 && fabs(told[1]) < 0.01,
	   "who follows new flows at once has no lead, whatever these make of weights");
}

/* Factors that are only told, and reach nobody. */
static void test_observed(void)
{
	begin();
	turn();
	step(40);
	ok(is_none(), "where new flows do not follow factors either, they have no lead");
}

static void test_chance(void)
{
	begin();
	set(0, 800, 10);
	set(1, 1200, 10);
	step(40);
	ok(is_none(), "traffic that strays by itself is no lead");
	begin();
	turn();
	set(0, 2, 0);
	set(1, 3, 0);
	step(40);
	ok(is_none(), "nor is what few packets tell");
	set(0, 0, 0);
	set(1, 0, 0);
	step(400);
	ok(is_none() && isfinite(lead[0].usual), "nor is silence");
}

static void test_arrival(void)
{
	begin();
	weight[0] = 0;
	set(0, 0, 0);
	step(40);
	ok(is_none(), "who takes no flows has no lead, nor has who is left");
	weight[0] = WEIGHT;
	factor[0] = 1.5;
	set(0, 200, 10);
	step(20);
	ok(told[0] == 0, "nor has who is back, and whose traffic is to come yet");
	set(0, 1500, 10);
	step(20);
	factor[0] = 3;
	set(0, 1500, 30);
	step(10);
	ok(told[0] < -0.1, "until that has come");
	weight[0] = 2 * WEIGHT;
	step(1);
	ok(told[0] == 0, "or if it has got another weight");
}

int main(void)
{
	test_late();
	test_at_once();
	test_observed();
	test_chance();
	test_arrival();
	return tap_done();
}
