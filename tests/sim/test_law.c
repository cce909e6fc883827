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

#include "core/tap.h"
#include "criteria.h"
#include "simulator.h"

#define SEEDS 3

/* Speeds of backends: alike, or of three generations. */
#define UNEQUAL \
	{ \
		1, 1, 2, 2, 5 \
	}

/* All far away, or the first one only. */
#define FAR_RTT \
	{ \
		20, 20, 20, 20, 20 \
	}
#define ONE_FAR_RTT \
	{ \
		20 \
	}

/* Backends are alike, and so have to be their factors. */
static const struct {
	const char *name;
	struct scenario scenario;
} equal_cases[] = {
	{"p2c, load .3", {.load = .3}},
	{"p2c, load .7", {.load = .7}},
	{"p2c, load .95", {.load = .95}},
	{"p2c, load .85, 4 balancers", {.load = .85, .balancers = 4}},
	{"p2c, load .7, kept connections", {.load = .7, .connections = 200}},
	{"p2c, load .7, heavy tails", {.load = .7, .demand = LOGNORMAL}},
	{"p2c, load .85, processor sharing", {.load = .85, .discipline = SHARING}},
	{"wrr, load .3", {.load = .3, .scheduler = WRR}},
	{"wrr, load .7", {.load = .7, .scheduler = WRR}},
	{"wrr, load .85", {.load = .85, .scheduler = WRR}},
	{"wrr, load .95", {.load = .95, .scheduler = WRR}},
	{"lc, load .95", {.load = .95, .scheduler = LC}},
	{"p2c, load .85, far away", {.load = .85, .rtt_ms = FAR_RTT}},
	{"wrr, load .85, far away", {.load = .85, .rtt_ms = FAR_RTT, .scheduler = WRR}},
	{"lc, load .3, heavy tails", {.load = .3, .demand = LOGNORMAL, .scheduler = LC}},
	{"p2c, load .3, heavy tails, 4 balancers", {.load = .3, .demand = PARETO, .balancers = 4}},
	{"p2c, load .3, 16 balancers", {.load = .3, .balancers = 16}},
	{"p2c, load .85, 16 balancers", {.load = .85, .balancers = 16}},
};

static const struct {
	const char *name;
	struct scenario scenario;
} unequal_cases[] = {
	{"p2c, load .3", {.speed = UNEQUAL, .load = .3}},
	{"p2c, load .7", {.speed = UNEQUAL, .load = .7}},
	{"p2c, load .85", {.speed = UNEQUAL, .load = .85}},
	{"p2c, load .95", {.speed = UNEQUAL, .load = .95}},
	{"p2c, load .85, 8 balancers", {.speed = UNEQUAL, .load = .85, .balancers = 8}},
	{"p2c, load .7, kept connections", {.speed = UNEQUAL, .load = .7, .connections = 400}},
	{"p2c, load .7, heavy tails", {.speed = UNEQUAL, .load = .7, .demand = PARETO}},
	{"p2c, load .85, processor sharing",
	 {.speed = UNEQUAL, .load = .85, .discipline = SHARING}},
	{"lrt, load .85", {.speed = UNEQUAL, .load = .85, .scheduler = LRT}},
	{"wrr, load .7", {.speed = UNEQUAL, .load = .7, .scheduler = WRR}},
	{"wrr, load .85", {.speed = UNEQUAL, .load = .85, .scheduler = WRR}},
	{"lc, load .95", {.speed = UNEQUAL, .load = .95, .scheduler = LC}},
	{"p2c, load .85, 16 balancers", {.speed = UNEQUAL, .load = .85, .balancers = 16}},
	{"p2c, load .7, one far away", {.speed = UNEQUAL, .load = .7, .rtt_ms = ONE_FAR_RTT}},
	/* Nearly full, queues of the beginning are long in going. */
	{"wrr, load .95",
	 {.speed = UNEQUAL, .load = .95, .scheduler = WRR, .seconds = 480, .warmup_s = 120}},
};

static void print_score(const struct score *score)
{
	diag("p99 %.1f ms (oracle %.1f), swing %.3f, ring %.3f, factors %.3f to %.3f",
	     score->p99_ms, score->oracle_p99_ms, score->swing, score->ring, score->low,
	     score->high);
}

static bool is_good(const struct score *score, double ratio)
{
	return !criteria_has_cycle(score) && criteria_p99_ratio(score) <= ratio;
}

static void test_equal(void)
{
	for (size_t i = 0; i < sizeof(equal_cases) / sizeof(equal_cases[0]); i++) {
		struct score score = criteria_evaluate(&equal_cases[i].scenario, SEEDS);

		if (!ok(is_good(&score, RATIO_MAX) && !criteria_is_uneven(&score),
			"equal backends stay equal: %s", equal_cases[i].name) ||
		    getenv("V"))
			print_score(&score);
	}
}

static void test_unequal(void)
{
	for (size_t i = 0; i < sizeof(unequal_cases) / sizeof(unequal_cases[0]); i++) {
		struct score score = criteria_evaluate(&unequal_cases[i].scenario, SEEDS);

		if (!ok(is_good(&score, RATIO_MAX), "unequal ones do as well as if known: %s",
			unequal_cases[i].name) ||
		    getenv("V"))
			print_score(&score);
	}
}

/*
 * Where connections live long, nearly full backends get what they are to have late, and a
 * law that does not mind that goes round, and has queues ten times as long. By wrr chance
 * makes connections unequal, which nobody can foresee who only knows the speeds. The queues of a
 * beginning with equal weights do not count: they take longer than a minute to be gone.
 */
static void test_kept_connections(void)
{
	static const struct {
		const char *name;
		struct scenario scenario;
		double ratio;
	} kept[] = {
		{"wrr, load .85, equal", {.load = .85, .scheduler = WRR}, RATIO_MAX},
		{"p2c, load .95", {.speed = UNEQUAL, .load = .95}, 1.5},
		{"wrr, load .85", {.speed = UNEQUAL, .load = .85, .scheduler = WRR}, RATIO_MAX},
		{"wrr, load .85, 4 balancers",
		 {.speed = UNEQUAL, .load = .85, .balancers = 4, .scheduler = WRR},
		 1.5},
		{"wrr, load .95", {.speed = UNEQUAL, .load = .95, .scheduler = WRR}, 1.5},
	};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		struct scenario scenario = kept[i].scenario;
		struct score score;

		scenario.connections = 400 / scenario_complete(scenario).balancers;
		scenario.seconds = 360;
		scenario.warmup_s = 180;
		score = criteria_evaluate(&scenario, SEEDS);
		ok(score.swing < SWING_MAX && criteria_p99_ratio(&score) < kept[i].ratio,
		   "kept connections: %s", kept[i].name);
		print_score(&score);
	}
}

/* What is wrong with a law shows in each of the tests. */
static void test_negative_control(const char *name, enum weight_policy weight_policy)
{
	struct scenario equal_speeds = {
		.load = .7, .scheduler = WRR, .weight_policy = weight_policy};
	struct scenario unequal_speeds = {
		.speed = UNEQUAL, .load = .7, .scheduler = WRR, .weight_policy = weight_policy};
	struct score score = criteria_evaluate(&equal_speeds, 1);

	ok(criteria_has_cycle(&score), "%s goes round and round", name);
	ok(criteria_is_uneven(&score), "with equal backends at that");
	print_score(&score);
	score = criteria_evaluate(&unequal_speeds, 1);
	ok(criteria_p99_ratio(&score) > RATIO_MAX, "and its answers take longer than need be");
	print_score(&score);
}

/* How far the first backend's factor is from what it was at a time before. */
static double distance(const struct results *results, double before_s, double after_s)
{
	return fabs(log(results_factor_at(results, 0, after_s) /
			results_factor_at(results, 0, before_s)));
}

static struct results run(struct scenario scenario)
{
	struct scenario complete = scenario_complete(scenario);
	struct results results;

	sim_run(&complete, &results);
	return results;
}

/* Two slow seconds. */
static double impulse(enum scheduler scheduler, enum weight_policy weight_policy)
{
	struct results results = run((struct scenario){
		.scheduler = scheduler,
		.weight_policy = weight_policy,
		.change = {{100, SPEED_CHANGES, 0, .2}, {102, SPEED_CHANGES, 0, 1}},
	});
	double left = fmax(distance(&results, 90, 140), distance(&results, 90, 200));

	diag("factor %.3f, then %.3f, then %.3f", results_factor_at(&results, 0, 90),
	     results_factor_at(&results, 0, 103), results_factor_at(&results, 0, 140));
	results_free(&results);
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
	struct results results;
	double after;

	scenario.change[0] = (struct change){100, SPEED_CHANGES, 0, .02};
	scenario.change[1] = (struct change){160, SPEED_CHANGES, 0, 1};
	results = run(scenario);
	*low = fmax(results_factor_at(&results, 0, 120), results_factor_at(&results, 0, 150));
	after = results_factor_at(&results, 0, 215);
	diag("factor %.3f after 20 s, %.3f after 50, %.3f a minute after",
	     results_factor_at(&results, 0, 120), results_factor_at(&results, 0, 150), after);
	results_free(&results);
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
		{"wrr", {.load = .6, .scheduler = WRR}, .06, .8},
		{"wrr, 4 balancers", {.load = .6, .balancers = 4, .scheduler = WRR}, .07, .8},
		{"wrr, load .3, 4 balancers",
		 {.load = .3, .balancers = 4, .scheduler = WRR},
		 .07,
		 .8},
		{"wrr, 16 balancers", {.load = .6, .balancers = 16, .scheduler = WRR}, .07, .8},
		{"wrr, kept connections",
		 {.load = .6, .connections = 200, .scheduler = WRR},
		 .07,
		 .7},
		{"lrt", {.load = .6, .scheduler = LRT}, .25, .8},
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
		{"wrr, 4 balancers", {.load = .6, .balancers = 4, .scheduler = WRR}},
		{"lc, kept connections", {.load = .6, .connections = 200, .scheduler = LC}},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct scenario scenario = steps[i].scenario;
		struct results results;

		scenario.change[0] = (struct change){100, SPEED_CHANGES, 0, .2};
		results = run(scenario);
		ok(results_factor_at(&results, 0, 120) < .5,
		   "%s: five times slower, it has half after 20 s", steps[i].name);
		ok(results_swing(&results) < 1 && distance(&results, 180, 230) < .15,
		   "and is steady then");
		diag("factor %.3f, good %.4f in the first 2 s, %.4f after 20 s",
		     results_factor_at(&results, 0, 120), results_good_fraction(&results.early),
		     results_good_fraction(&results.late));
		results_free(&results);
	}
}

static void test_errors(void)
{
	struct results results = run((struct scenario){
		.load = .5,
		.change = {{100, ERRORS_BEGIN, 0, 0}, {160, ERRORS_END, 0, 0}},
	});

	ok(results_factor_at(&results, 0, 115) < .25 && results_good_fraction(&results.late) > .995,
	   "who errs at once never looks fast");
	ok(results_factor_at(&results, 0, 220) > .8, "and is back when it is well");
	diag("factor %.3f, then %.3f, good %.4f", results_factor_at(&results, 0, 115),
	     results_factor_at(&results, 0, 220), results_good_fraction(&results.late));
	results_free(&results);
}

static void test_down(void)
{
	static const struct {
		const char *name;
		struct scenario scenario;
	} downs[] = {
		{"p2c", {.load = .6, .balancers = 2}},
		{"wrr", {.load = .6, .scheduler = WRR}},
		{"wrr, kept connections", {.load = .6, .connections = 200, .scheduler = WRR}},
	};

	for (size_t i = 0; i < sizeof(downs) / sizeof(downs[0]); i++) {
		struct scenario scenario = downs[i].scenario;
		struct results results;

		scenario.change[0] = (struct change){100, GOES_DOWN, 0, 0};
		scenario.change[1] = (struct change){140, COMES_UP, 0, 0};
		results = run(scenario);
		ok(distance(&results, 90, 220) < .15 && results_factor_at(&results, 1, 130) > .9,
		   "%s: death and return leave factors as they were", downs[i].name);
		diag("factor %.3f, then %.3f", results_factor_at(&results, 0, 90),
		     results_factor_at(&results, 0, 220));
		results_free(&results);
	}
}

int main(void)
{
	test_equal();
	test_unequal();
	test_kept_connections();
	test_negative_control("all to the fastest", FASTEST);
	test_negative_control("1/latency undamped", UNDAMPED);
	test_impulse();
	test_slow_minute();
	test_step();
	test_errors();
	test_down();
	return tap_done();
}
