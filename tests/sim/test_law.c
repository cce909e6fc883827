// SPDX-License-Identifier: GPL-2.0-only
/*
 * The law of latency feedback (user/feedback/law.c) against simulated backends: it is steady
 * where nothing changes, does nearly as well as if it knew the backends' speeds, and
 * follows what changes. Two laws that do not, fail the same tests.
 *
 * `make sim` goes through many more scenarios, and prints what comes of each.
 */
#include <math.h>
#include <stdlib.h>

#include "criteria.h"
#include "rig/tap.h"
#include "simulator.h"

#define SEEDS 3

/* Speeds of backends: alike, or of three generations. */
#define UNEQUAL \
	{ \
		1, 1, 2, 2, 5 \
	}

/* All far away, or the first one only. */
#define FAR \
	{ \
		20, 20, 20, 20, 20 \
	}
#define ONE_FAR \
	{ \
		20 \
	}

/* Backends are alike, and so have to be their factors. */
static const struct {
	const char *name;
	struct scenario scenario;
} equal[] = {
	{"p2c, load .3", {.load = .3}},
	{"p2c, load .7", {.load = .7}},
	{"p2c, load .95", {.load = .95}},
	{"p2c, load .85, 4 balancers", {.load = .85, .balancers = 4}},
	{"p2c, load .7, kept connections", {.load = .7, .connections = 200}},
	{"p2c, load .7, heavy tails", {.load = .7, .demand = LOGNORMAL}},
	{"p2c, load .85, processor sharing", {.load = .85, .discipline = SHARING}},
	{"wrr, load .3", {.load = .3, .pick = WRR}},
	{"wrr, load .7", {.load = .7, .pick = WRR}},
	{"wrr, load .85", {.load = .85, .pick = WRR}},
	{"wrr, load .95", {.load = .95, .pick = WRR}},
	{"lc, load .95", {.load = .95, .pick = LC}},
	{"p2c, load .85, far away", {.load = .85, .rtt_ms = FAR}},
	{"wrr, load .85, far away", {.load = .85, .rtt_ms = FAR, .pick = WRR}},
	{"lc, load .3, heavy tails", {.load = .3, .demand = LOGNORMAL, .pick = LC}},
	{"p2c, load .3, heavy tails, 4 balancers", {.load = .3, .demand = PARETO, .balancers = 4}},
	{"p2c, load .3, 16 balancers", {.load = .3, .balancers = 16}},
	{"p2c, load .85, 16 balancers", {.load = .85, .balancers = 16}},
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
	{"lc, load .95", {.speed = UNEQUAL, .load = .95, .pick = LC}},
	{"p2c, load .85, 16 balancers", {.speed = UNEQUAL, .load = .85, .balancers = 16}},
	{"p2c, load .7, one far away", {.speed = UNEQUAL, .load = .7, .rtt_ms = ONE_FAR}},
	/* Nearly full, queues of the beginning are long in going. */
	{"wrr, load .95",
	 {.speed = UNEQUAL, .load = .95, .pick = WRR, .seconds = 480, .warmup_s = 120}},
};

static void describe(const struct verdict *verdict)
{
	diag("p99 %.1f ms (oracle %.1f), swing %.3f, ring %.3f, factors %.3f to %.3f",
	     verdict->p99_ms, verdict->oracle_p99_ms, verdict->swing, verdict->ring, verdict->low,
	     verdict->high);
}

static bool is_good(const struct verdict *verdict, double ratio)
{
	return !judge_cycles(verdict) && judge_ratio(verdict) <= ratio;
}

static void test_equal(void)
{
	for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
		struct verdict verdict = judge(&equal[i].scenario, SEEDS);

		if (!ok(is_good(&verdict, RATIO_MAX) && !judge_strays(&verdict),
			"equal backends stay equal: %s", equal[i].name) ||
		    getenv("V"))
			describe(&verdict);
	}
}

static void test_unequal(void)
{
	for (size_t i = 0; i < sizeof(unequal) / sizeof(unequal[0]); i++) {
		struct verdict verdict = judge(&unequal[i].scenario, SEEDS);

		if (!ok(is_good(&verdict, RATIO_MAX), "unequal ones do as well as if known: %s",
			unequal[i].name) ||
		    getenv("V"))
			describe(&verdict);
	}
}

/*
 * Where connections live long, nearly full backends get what they are to have late, and a
 * law that does not mind that goes round, and has queues ten times as long. By wrr chance
 * makes connections unequal, which nobody can foresee who only knows the speeds. The queues of a
 * beginning with equal weights do not count: they take longer than a minute to be gone.
 */
static void test_kept(void)
{
	static const struct {
		const char *name;
		struct scenario scenario;
		double ratio;
	} kept[] = {
		{"wrr, load .85, equal", {.load = .85, .pick = WRR}, RATIO_MAX},
		{"p2c, load .95", {.speed = UNEQUAL, .load = .95}, 1.5},
		{"wrr, load .85", {.speed = UNEQUAL, .load = .85, .pick = WRR}, RATIO_MAX},
		{"wrr, load .85, 4 balancers",
		 {.speed = UNEQUAL, .load = .85, .balancers = 4, .pick = WRR},
		 1.5},
		{"wrr, load .95", {.speed = UNEQUAL, .load = .95, .pick = WRR}, 1.5},
	};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		struct scenario scenario = kept[i].scenario;
		struct verdict verdict;

		scenario.connections = 400 / scenario_complete(scenario).balancers;
		scenario.seconds = 360;
		scenario.warmup_s = 180;
		verdict = judge(&scenario, SEEDS);
		ok(verdict.swing < SWING_MAX && judge_ratio(&verdict) < kept[i].ratio,
		   "kept connections: %s", kept[i].name);
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
	ok(judge_strays(&verdict), "with equal backends at that");
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

/* Two slow seconds. */
static double impulse(enum pick pick, enum steer steer)
{
	struct story story = run((struct scenario){
		.pick = pick,
		.steer = steer,
		.change = {{100, TURNS, 0, .2}, {102, TURNS, 0, 1}},
	});
	double left = fmax(distance(&story, 90, 140), distance(&story, 90, 200));

	diag("factor %.3f, then %.3f, then %.3f", story_factor_at(&story, 0, 90),
	     story_factor_at(&story, 0, 103), story_factor_at(&story, 0, 140));
	story_end(&story);
	return left;
}

static void test_impulse(void)
{
	ok(impulse(P2C, LAW) < .1, "p2c: two slow seconds are forgotten 40 s later");
	ok(impulse(WRR, LAW) < .1, "so they are by wrr");
	ok(impulse(WRR, UNDAMPED) >= .1, "but not by 1/latency undamped");
	ok(impulse(WRR, FASTEST) >= .1, "nor if all go to the fastest");
}

/* One backend turns so much slower for a minute, and is as before then. */
static double slow_minute(struct scenario scenario, double *low)
{
	struct story story;
	double after;

	scenario.change[0] = (struct change){100, TURNS, 0, .02};
	scenario.change[1] = (struct change){160, TURNS, 0, 1};
	story = run(scenario);
	*low = fmax(story_factor_at(&story, 0, 120), story_factor_at(&story, 0, 150));
	after = story_factor_at(&story, 0, 215);
	diag("factor %.3f after 20 s, %.3f after 50, %.3f a minute after",
	     story_factor_at(&story, 0, 120), story_factor_at(&story, 0, 150), after);
	story_end(&story);
	return after;
}

static void test_slow_minute(void)
{
	static const struct {
		const char *name;
		struct scenario scenario;
		double low; /* what it keeps at most: a 20th, less what it is lifted by */
		double back; /* what it has to have a minute after; traffic may be late */
	} minutes[] = {
		{"p2c", {.load = .6}, .25, .8},
		{"p2c, load .3", {.load = .3}, .25, .8},
		{"p2c, 4 balancers", {.load = .6, .balancers = 4}, .25, .8},
		{"p2c, 16 balancers, probes",
		 {.load = .6, .balancers = 16, .probes = true},
		 .25,
		 .8},
		{"wrr", {.load = .6, .pick = WRR}, .06, .8},
		{"wrr, 4 balancers", {.load = .6, .balancers = 4, .pick = WRR}, .07, .8},
		{"wrr, load .3, 4 balancers", {.load = .3, .balancers = 4, .pick = WRR}, .07, .8},
		{"wrr, 16 balancers", {.load = .6, .balancers = 16, .pick = WRR}, .07, .8},
		{"wrr, kept connections", {.load = .6, .connections = 200, .pick = WRR}, .07, .7},
		{"lrt", {.load = .6, .pick = LRT}, .25, .8},
	};
	double low, after;

	for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
		after = slow_minute(minutes[i].scenario, &low);
		ok(low < minutes[i].low, "%s: fifty times slower, it has next to nothing",
		   minutes[i].name);
		ok(after > minutes[i].back && after < 1.25,
		   "and is back within a minute after it is well");
	}
}

/* A pool of which one backend turns five times slower, and keeps so. */
static void test_step(void)
{
	static const struct {
		const char *name;
		struct scenario scenario;
	} steps[] = {
		{"p2c", {.load = .6}},
		{"p2c, 4 balancers", {.load = .6, .balancers = 4}},
		{"wrr, 4 balancers", {.load = .6, .balancers = 4, .pick = WRR}},
		{"lc, kept connections", {.load = .6, .connections = 200, .pick = LC}},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct scenario scenario = steps[i].scenario;
		struct story story;

		scenario.change[0] = (struct change){100, TURNS, 0, .2};
		story = run(scenario);
		ok(story_factor_at(&story, 0, 120) < .5,
		   "%s: five times slower, it has half after 20 s", steps[i].name);
		ok(story_swing(&story) < 1 && distance(&story, 180, 230) < .15,
		   "and is steady then");
		diag("factor %.3f, good %.4f in the first 2 s, %.4f after 20 s",
		     story_factor_at(&story, 0, 120), story_good(&story.early),
		     story_good(&story.late));
		story_end(&story);
	}
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
	static const struct {
		const char *name;
		struct scenario scenario;
	} deaths[] = {
		{"p2c", {.load = .6, .balancers = 2}},
		{"wrr", {.load = .6, .pick = WRR}},
		{"wrr, kept connections", {.load = .6, .connections = 200, .pick = WRR}},
	};

	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		struct scenario scenario = deaths[i].scenario;
		struct story story;

		scenario.change[0] = (struct change){100, DIES, 0, 0};
		scenario.change[1] = (struct change){140, RETURNS, 0, 0};
		story = run(scenario);
		ok(distance(&story, 90, 220) < .15 && story_factor_at(&story, 1, 130) > .9,
		   "%s: death and return leave factors as they were", deaths[i].name);
		diag("factor %.3f, then %.3f", story_factor_at(&story, 0, 90),
		     story_factor_at(&story, 0, 220));
		story_end(&story);
	}
}

int main(void)
{
	test_equal();
	test_unequal();
	test_kept();
	test_control("all to the fastest", FASTEST);
	test_control("1/latency undamped", UNDAMPED);
	test_impulse();
	test_slow_minute();
	test_step();
	test_errors();
	test_death();
	return tap_done();
}
