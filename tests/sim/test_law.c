// SPDX-License-Identifier: GPL-2.0-only
/*
 * The law of latency feedback (user/feedback.c) against simulated backends: it is steady
 * where nothing changes, does nearly as well as if it knew the backends' speeds, and
 * follows what changes. Two laws that do not, fail the same tests.
 *
 * `make sim` goes through many more scenarios, and prints what comes of each.
 */
#include <math.h>
#include <stdlib.h>

#include "judge.h"
#include "tap.h"
#include "world.h"

#define SEEDS 3

/* Speeds of backends: alike, or of three generations. */
#define UNEQUAL \
	{ \
		1, 1, 2, 2, 5 \
	}

/* Backends are alike, and so have to be their factors: [.9, 1.1], or what is said. */
static const struct {
	const char *name;
	struct scenario scenario;
	double low, high;
} equal[] = {
	{"p2c, load .3", {.load = .3}, .9, 1.1},
	{"p2c, load .7", {.load = .7}, .9, 1.1},
	{"p2c, load .95", {.load = .95}, .9, 1.1},
	{"p2c, load .85, 4 balancers", {.load = .85, .balancers = 4}, .9, 1.1},
	{"p2c, load .7, kept connections", {.load = .7, .connections = 200}, .9, 1.1},
	{"p2c, load .7, heavy tails", {.load = .7, .demand = LOGNORMAL}, .9, 1.1},
	{"p2c, load .85, processor sharing", {.load = .85, .discipline = SHARING}, .9, 1.1},
	{"wrr, load .3", {.load = .3, .pick = WRR}, .9, 1.1},
	{"wrr, load .7", {.load = .7, .pick = WRR}, .9, 1.1},
	{"wrr, load .85", {.load = .85, .pick = WRR}, .9, 1.1},
};

static const struct {
	const char *name;
	struct scenario scenario;
} unequal[] = {
	{"p2c, load .3", {.speed = UNEQUAL, .load = .3}},
	{"p2c, load .7", {.speed = UNEQUAL, .load = .7}},
	{"p2c, load .85", {.speed = UNEQUAL, .load = .85}},
	{"p2c, load .95", {.speed = UNEQUAL, .load = .95}},
	{"p2c, load .85, 8 balancers", {.speed = UNEQUAL, .load = .85, .balancers = 8}},
	{"p2c, load .7, kept connections", {.speed = UNEQUAL, .load = .7, .connections = 400}},
	{"p2c, load .7, heavy tails", {.speed = UNEQUAL, .load = .7, .demand = PARETO}},
	{"p2c, load .85, processor sharing",
	 {.speed = UNEQUAL, .load = .85, .discipline = SHARING}},
	{"lrt, load .85", {.speed = UNEQUAL, .load = .85, .pick = LRT}},
	{"wrr, load .7", {.speed = UNEQUAL, .load = .7, .pick = WRR}},
	{"wrr, load .85", {.speed = UNEQUAL, .load = .85, .pick = WRR}},
};

static void describe(const struct verdict *verdict)
{
	diag("p99 %.1f ms (oracle %.1f), swing %.3f, ring %.3f, factors %.3f to %.3f",
	     verdict->p99_ms, verdict->oracle_p99_ms, verdict->swing, verdict->ring, verdict->low,
	     verdict->high);
}

static bool is_good(const struct verdict *verdict)
{
	return !judge_cycles(verdict) && judge_ratio(verdict) <= RATIO_MAX;
}

static void test_equal(void)
{
	for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
		struct verdict verdict = judge(&equal[i].scenario, SEEDS);
		bool alike = verdict.low >= equal[i].low && verdict.high <= equal[i].high;

		if (!ok(is_good(&verdict) && alike, "equal backends stay equal: %s",
			equal[i].name) ||
		    getenv("V"))
			describe(&verdict);
	}
}

static void test_unequal(void)
{
	for (size_t i = 0; i < sizeof(unequal) / sizeof(unequal[0]); i++) {
		struct verdict verdict = judge(&unequal[i].scenario, SEEDS);

		if (!ok(is_good(&verdict), "unequal ones do as well as if known: %s",
			unequal[i].name) ||
		    getenv("V"))
			describe(&verdict);
	}
}

/* What is wrong with a law shows in each of the tests. */
static void test_control(const char *name, enum steer steer)
{
	struct scenario alike = {.load = .7, .pick = WRR, .steer = steer};
	struct scenario differing = {.speed = UNEQUAL, .load = .7, .pick = WRR, .steer = steer};
	struct verdict verdict = judge(&alike, 1);

	ok(judge_cycles(&verdict), "%s goes round and round", name);
	ok(verdict.low < .9 && verdict.high > 1.1, "with equal backends at that");
	describe(&verdict);
	verdict = judge(&differing, 1);
	ok(judge_ratio(&verdict) > RATIO_MAX, "and its answers take longer than need be");
	describe(&verdict);
}

/* How far the first backend's factor is from what it was at a time before. */
static double distance(const struct story *story, double before_s, double after_s)
{
	return fabs(log(story_factor_at(story, 0, after_s) / story_factor_at(story, 0, before_s)));
}

static struct story run(struct scenario scenario)
{
	struct scenario complete = scenario_complete(scenario);
	struct story story;

	world_run(&complete, &story);
	return story;
}

static void test_impulse(enum pick pick, const char *name)
{
	struct scenario scenario = {
		.pick = pick,
		.change = {{100, TURNS, 0, .2}, {102, TURNS, 0, 1}},
	};
	struct story story = run(scenario);

	ok(distance(&story, 90, 140) < .1 && distance(&story, 90, 200) < .1,
	   "%s: two slow seconds are forgotten 40 s later", name);
	diag("factor %.3f, then %.3f, then %.3f", story_factor_at(&story, 0, 90),
	     story_factor_at(&story, 0, 103), story_factor_at(&story, 0, 140));
	story_end(&story);
	scenario.pick = WRR;
	scenario.steer = UNDAMPED;
	story = run(scenario);
	ok(distance(&story, 90, 140) >= .1 || distance(&story, 90, 200) >= .1,
	   "but not by 1/latency undamped");
	story_end(&story);
}

/* One backend turns so much slower for a minute, and is as before then. */
static void test_slow_minute(enum pick pick, const char *name)
{
	struct story story = run((struct scenario){
		.pick = pick,
		.load = .6,
		.change = {{100, TURNS, 0, .02}, {160, TURNS, 0, 1}},
	});

	ok(story_factor_at(&story, 0, 115) < .25 && story_factor_at(&story, 0, 150) < .25,
	   "%s: fifty times slower, it has next to nothing soon", name);
	ok(story_factor_at(&story, 0, 220) > .8, "and back a minute after it is well");
	diag("factor %.3f after 15 s, %.3f after 50, %.3f a minute after",
	     story_factor_at(&story, 0, 115), story_factor_at(&story, 0, 150),
	     story_factor_at(&story, 0, 220));
	story_end(&story);
}

/* A pool of which one backend turns five times slower, and keeps so. */
static void test_step(void)
{
	struct story story = run((struct scenario){
		.load = .6,
		.change = {{100, TURNS, 0, .2}},
	});

	ok(story_factor_at(&story, 0, 120) < .5, "five times slower, it has half after 20 s");
	ok(story_swing(&story) < 1 && distance(&story, 180, 230) < .1, "and is steady then");
	diag("factor %.3f, good %.4f in the first 2 s, %.4f after 20 s",
	     story_factor_at(&story, 0, 120), story_good(&story.early), story_good(&story.late));
	story_end(&story);
}

static void test_errors(void)
{
	struct story story = run((struct scenario){
		.load = .5,
		.change = {{100, ERRS, 0, 0}, {160, MENDS, 0, 0}},
	});

	ok(story_factor_at(&story, 0, 115) < .25 && story_good(&story.late) > .995,
	   "who errs at once never looks fast");
	ok(story_factor_at(&story, 0, 220) > .8, "and is back when it is well");
	diag("factor %.3f, then %.3f, good %.4f", story_factor_at(&story, 0, 115),
	     story_factor_at(&story, 0, 220), story_good(&story.late));
	story_end(&story);
}

static void test_death(void)
{
	struct story story = run((struct scenario){
		.load = .6,
		.balancers = 2,
		.change = {{100, DIES, 0, 0}, {140, RETURNS, 0, 0}},
	});

	ok(distance(&story, 90, 220) < .1 && story_factor_at(&story, 1, 130) > .9,
	   "death and return leave factors as they were");
	diag("factor %.3f, then %.3f", story_factor_at(&story, 0, 90),
	     story_factor_at(&story, 0, 220));
	story_end(&story);
}

int main(void)
{
	test_equal();
	test_unequal();
	test_control("all to the fastest", FASTEST);
	test_control("1/latency undamped", UNDAMPED);
	test_impulse(P2C, "p2c");
	test_impulse(WRR, "wrr");
	test_slow_minute(P2C, "p2c");
	test_slow_minute(WRR, "wrr");
	test_step();
	test_errors();
	test_death();
	return tap_done();
}
