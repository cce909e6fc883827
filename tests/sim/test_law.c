// SPDX-License-Identifier: GPL-2.0-only
/*
 * The feedback law (user/feedback/law.c) with simulated backends: it is stable in constant
 * scenarios, nearly as good as an oracle that knows the backends' speeds, and follows changes.
 * Two other laws fail the same tests.
 *
 * `make sim` runs many more scenarios, and prints the result of each.
 */
#include <math.h>
#include <stdlib.h>

#include "core/tap.h"
#include "criteria.h"
#include "simulator.h"

#define SEEDS 3

/* Speeds of three generations of backends. */
#define UNEQUAL \
	{ \
		1, 1, 2, 2, 5 \
	}

/* Round trips: all backends distant, or the first one only. */
#define ALL_DISTANT \
	{ \
		20, 20, 20, 20, 20 \
	}
#define ONE_DISTANT \
	{ \
		20 \
	}

/* Equal backends must have equal factors. */
static const struct {
	const char *name;
	struct scenario scenario;
} equal[] = {
	{"p2c, load .3", {.load = .3}},
	{"p2c, load .7", {.load = .7}},
	{"p2c, load .95", {.load = .95}},
	{"p2c, load .85, 4 balancers", {.load = .85, .balancers = 4}},
	{"p2c, load .7, persistent connections", {.load = .7, .connections = 200}},
	{"p2c, load .7, heavy tails", {.load = .7, .demand = LOGNORMAL}},
	{"p2c, load .85, processor sharing", {.load = .85, .discipline = SHARING}},
	{"wrr, load .3", {.load = .3, .pick = WRR}},
	{"wrr, load .7", {.load = .7, .pick = WRR}},
	{"wrr, load .85", {.load = .85, .pick = WRR}},
	{"wrr, load .95", {.load = .95, .pick = WRR}},
	{"lc, load .95", {.load = .95, .pick = LC}},
	{"p2c, load .85, distant", {.load = .85, .rtt_ms = ALL_DISTANT}},
	{"wrr, load .85, distant", {.load = .85, .rtt_ms = ALL_DISTANT, .pick = WRR}},
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
	{"p2c, load .7, persistent connections",
	 {.speed = UNEQUAL, .load = .7, .connections = 400}},
	{"p2c, load .7, heavy tails", {.speed = UNEQUAL, .load = .7, .demand = PARETO}},
	{"p2c, load .85, processor sharing",
	 {.speed = UNEQUAL, .load = .85, .discipline = SHARING}},
	{"lrt, load .85", {.speed = UNEQUAL, .load = .85, .pick = LRT}},
	{"wrr, load .7", {.speed = UNEQUAL, .load = .7, .pick = WRR}},
	{"wrr, load .85", {.speed = UNEQUAL, .load = .85, .pick = WRR}},
	{"lc, load .95", {.speed = UNEQUAL, .load = .95, .pick = LC}},
	{"p2c, load .85, 16 balancers", {.speed = UNEQUAL, .load = .85, .balancers = 16}},
	{"p2c, load .7, one distant", {.speed = UNEQUAL, .load = .7, .rtt_ms = ONE_DISTANT}},
	/* At high load the initial queues last long. */
	{"wrr, load .95",
	 {.speed = UNEQUAL, .load = .95, .pick = WRR, .seconds = 480, .warmup_s = 120}},
};

static void print_evaluation(const struct evaluation *evaluation)
{
	diag("p99 %.1f ms (oracle %.1f), swing %.3f, ring %.3f, factors %.3f to %.3f",
	     evaluation->p99_ms, evaluation->oracle_p99_ms, evaluation->swing, evaluation->ring,
	     evaluation->low, evaluation->high);
}

static bool is_stable(const struct evaluation *evaluation, double ratio)
{
	return !evaluation_oscillates(evaluation) && evaluation_ratio(evaluation) <= ratio;
}

static void test_equal(void)
{
	for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
		struct evaluation evaluation = evaluate(&equal[i].scenario, SEEDS);

		if (!ok(is_stable(&evaluation, RATIO_MAX) && !evaluation_strays(&evaluation),
			"equal backends keep equal factors: %s", equal[i].name) ||
		    getenv("V"))
			print_evaluation(&evaluation);
	}
}

static void test_unequal(void)
{
	for (size_t i = 0; i < sizeof(unequal) / sizeof(unequal[0]); i++) {
		struct evaluation evaluation = evaluate(&unequal[i].scenario, SEEDS);

		if (!ok(is_stable(&evaluation, RATIO_MAX), "unequal backends match the oracle: %s",
			unequal[i].name) ||
		    getenv("V"))
			print_evaluation(&evaluation);
	}
}

/*
 * With persistent connections, traffic follows factors late. A law that ignores this oscillates
 * at high load, with queues ten times as long. With wrr connections differ at random, which an
 * oracle of speeds cannot foresee. The queues of the initial equal weights are not evaluated;
 * they take longer than a minute to end.
 */
static void test_connections(void)
{
	static const struct {
		const char *name;
		struct scenario scenario;
		double ratio;
	} services[] = {
		{"wrr, load .85, equal", {.load = .85, .pick = WRR}, RATIO_MAX},
		{"p2c, load .95", {.speed = UNEQUAL, .load = .95}, 1.5},
		{"wrr, load .85", {.speed = UNEQUAL, .load = .85, .pick = WRR}, RATIO_MAX},
		{"wrr, load .85, 4 balancers",
		 {.speed = UNEQUAL, .load = .85, .balancers = 4, .pick = WRR},
		 1.5},
		{"wrr, load .95", {.speed = UNEQUAL, .load = .95, .pick = WRR}, 1.5},
	};

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		struct scenario scenario = services[i].scenario;
		struct evaluation evaluation;

		scenario.connections = 400 / scenario_complete(scenario).balancers;
		scenario.seconds = 360;
		scenario.warmup_s = 180;
		evaluation = evaluate(&scenario, SEEDS);
		ok(evaluation.swing < SWING_MAX &&
			   evaluation_ratio(&evaluation) < services[i].ratio,
		   "persistent connections: %s", services[i].name);
		print_evaluation(&evaluation);
	}
}

/* Negative controls: an unsuitable law fails each criterion. */
static void test_control(const char *name, enum policy policy)
{
	struct scenario same = {.load = .7, .pick = WRR, .policy = policy};
	struct scenario different = {.speed = UNEQUAL, .load = .7, .pick = WRR, .policy = policy};
	struct evaluation evaluation = evaluate(&same, 1);

	ok(evaluation_oscillates(&evaluation), "%s: oscillates", name);
	ok(evaluation_strays(&evaluation), "%s: equal backends have unequal factors", name);
	print_evaluation(&evaluation);
	evaluation = evaluate(&different, 1);
	ok(evaluation_ratio(&evaluation) > RATIO_MAX, "%s: response times exceed the oracle's",
	   name);
	print_evaluation(&evaluation);
}

/* Returns the logarithmic distance of the first backend's factor at two times. */
static double distance(const struct results *results, double before_s, double after_s)
{
	return fabs(log(results_factor_at(results, 0, after_s) /
			results_factor_at(results, 0, before_s)));
}

static struct results run(struct scenario scenario)
{
	struct scenario complete = scenario_complete(scenario);
	struct results results;

	simulator_run(&complete, &results);
	return results;
}

/* The first backend is slow for two seconds. Returns what remains of that. */
static double impulse(enum pick pick, enum policy policy)
{
	struct results results = run((struct scenario){
		.pick = pick,
		.policy = policy,
		.change = {{100, SPEED_CHANGES, 0, .2}, {102, SPEED_CHANGES, 0, 1}},
	});
	double left = fmax(distance(&results, 90, 140), distance(&results, 90, 200));

	diag("factor %.3f, then %.3f, then %.3f", results_factor_at(&results, 0, 90),
	     results_factor_at(&results, 0, 103), results_factor_at(&results, 0, 140));
	results_release(&results);
	return left;
}

static void test_impulse(void)
{
	ok(impulse(P2C, LAW) < .1, "p2c: two slow seconds have no effect after 40 s");
	ok(impulse(WRR, LAW) < .1, "wrr: two slow seconds have no effect after 40 s");
	ok(impulse(WRR, UNDAMPED) >= .1, "1/latency undamped: they have an effect");
	ok(impulse(WRR, FASTEST) >= .1, "all to the fastest: they have an effect");
}

/* The first backend is 50 times slower for a minute. Returns its factor a minute later. */
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
	results_release(&results);
	return after;
}

static void test_slow_minute(void)
{
	static const struct {
		const char *name;
		struct scenario scenario;
		double low; /* maximum factor in the slow minute: a 20th, or a raised one */
		double recovered; /* minimum factor a minute later; traffic may be late */
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
		{"wrr, persistent connections",
		 {.load = .6, .connections = 200, .pick = WRR},
		 .07,
		 .7},
		{"lrt", {.load = .6, .pick = LRT}, .25, .8},
	};
	double low, after;

	for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
		after = slow_minute(minutes[i].scenario, &low);
		ok(low < minutes[i].low, "%s: a backend 50 times slower gets little",
		   minutes[i].name);
		ok(after > minutes[i].recovered && after < 1.25,
		   "%s: a backend recovers in a minute", minutes[i].name);
	}
}

/* The first backend becomes five times slower, and stays so. */
static void test_step(void)
{
	static const struct {
		const char *name;
		struct scenario scenario;
	} steps[] = {
		{"p2c", {.load = .6}},
		{"p2c, 4 balancers", {.load = .6, .balancers = 4}},
		{"wrr, 4 balancers", {.load = .6, .balancers = 4, .pick = WRR}},
		{"lc, persistent connections", {.load = .6, .connections = 200, .pick = LC}},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct scenario scenario = steps[i].scenario;
		struct results results;

		scenario.change[0] = (struct change){100, SPEED_CHANGES, 0, .2};
		results = run(scenario);
		ok(results_factor_at(&results, 0, 120) < .5,
		   "%s: a backend 5 times slower has half in 20 s", steps[i].name);
		ok(results_swing(&results) < 1 && distance(&results, 180, 230) < .15,
		   "%s: then its factor is stable", steps[i].name);
		diag("factor %.3f, good %.4f in the first 2 s, %.4f after 20 s",
		     results_factor_at(&results, 0, 120), good_fraction(&results.early),
		     good_fraction(&results.late));
		results_release(&results);
	}
}

static void test_errors(void)
{
	struct results results = run((struct scenario){
		.load = .5,
		.change = {{100, ERRORS_BEGIN, 0, 0}, {160, ERRORS_END, 0, 0}},
	});

	ok(results_factor_at(&results, 0, 115) < .25 && good_fraction(&results.late) > .995,
	   "fast errors do not attract traffic");
	ok(results_factor_at(&results, 0, 220) > .8, "a backend without errors recovers");
	diag("factor %.3f, then %.3f, good %.4f", results_factor_at(&results, 0, 115),
	     results_factor_at(&results, 0, 220), good_fraction(&results.late));
	results_release(&results);
}

static void test_failure(void)
{
	static const struct {
		const char *name;
		struct scenario scenario;
	} services[] = {
		{"p2c", {.load = .6, .balancers = 2}},
		{"wrr", {.load = .6, .pick = WRR}},
		{"wrr, persistent connections", {.load = .6, .connections = 200, .pick = WRR}},
	};

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		struct scenario scenario = services[i].scenario;
		struct results results;

		scenario.change[0] = (struct change){100, FAILS, 0, 0};
		scenario.change[1] = (struct change){140, RECOVERS, 0, 0};
		results = run(scenario);
		ok(distance(&results, 90, 220) < .15 && results_factor_at(&results, 1, 130) > .9,
		   "%s: failure and recovery keep factors", services[i].name);
		diag("factor %.3f, then %.3f", results_factor_at(&results, 0, 90),
		     results_factor_at(&results, 0, 220));
		results_release(&results);
	}
}

int main(void)
{
	test_equal();
	test_unequal();
	test_connections();
	test_control("all to the fastest", FASTEST);
	test_control("1/latency undamped", UNDAMPED);
	test_impulse();
	test_slow_minute();
	test_step();
	test_errors();
	test_failure();
	return tap_done();
}
