// SPDX-License-Identifier: GPL-2.0-only
/* What was timed, in figures and in words; windows of it; and what waits. */
#include <math.h>
#include <string.h>

#include "core/tap.h"
#include "model/latency.h"

#define NOW_NS 1000000000000ULL

static void add(struct lb_latency *latency, __u32 us, __u32 times)
{
	latency->responses.count[lb_response_bucket(us)] += times;
	latency->sum_us += (__u64)us * times;
}

static bool is_near(double got, double wanted)
{
	return fabs(got - wanted) <= wanted / 16 + 1;
}

static void test_figures(void)
{
	struct lb_latency latency = {0}, before, window;
	struct latency_stats figures = latency_stats(&latency);

	ok(!figures.samples && figures.mean_us == 0 && figures.p50_us == 0 && figures.p99_us == 0,
	   "of nothing all is 0");
	add(&latency, 1000, 95);
	add(&latency, 50000, 5);
	figures = latency_stats(&latency);
	is_int(figures.samples, 100, "100 were timed");
	ok(figures.mean_us == 3450, "their mean is exact");
	ok(is_near(figures.p50_us, 1000) && is_near(figures.p99_us, 50000),
	   "p50 and p99 are where they are");
	before = latency;
	add(&latency, 20000, 40);
	latency.begun = 7;
	latency.sampled = 41;
	latency.age = 90;
	latency_since(&window, &latency, &before);
	figures = latency_stats(&window);
	ok(figures.samples == 40 && figures.mean_us == 20000 && is_near(figures.p50_us, 20000),
	   "a window has what came in it");
	is_int(window.begun, 7, "of what else is counted, too");
	ok(window.sampled == 41 && window.age == 90, "and of how old flows were");
	latency_since(&window, &before, &latency);
	is_int(latency_stats(&window).samples, 100, "all of what was begun anew");
	before = (struct lb_latency){.sampled = 3};
	latency = (struct lb_latency){.sampled = 1};
	latency_since(&window, &latency, &before);
	is_int(window.sampled, 1, "also where nothing was answered before");
}

static void test_waiting(void)
{
	static struct lb_timing timings[LB_TIMINGS];
	struct latency_outstanding waiting[4];

	timings[0] = (struct lb_timing){.since_ns = NOW_NS - 5000000, .backend = 2, .waiting = 1};
	timings[7] = (struct lb_timing){
		.since_ns = NOW_NS - 9000000, .backend = 2, .waiting = 1, .round_trip_us = 1000};
	timings[8] = (struct lb_timing){.since_ns = NOW_NS - 5000000, .backend = 2};
	timings[9] = (struct lb_timing){.since_ns = NOW_NS - 5000000, .backend = 4, .waiting = 1};
	timings[10] = (struct lb_timing){
		.since_ns = NOW_NS - LB_WAIT_MAX_NS - 1000000, .backend = 2, .waiting = 1};
	timings[11] = (struct lb_timing){.since_ns = NOW_NS + 1000, .backend = 2, .waiting = 1};
	timings[LB_TIMINGS - 1] =
		(struct lb_timing){.since_ns = NOW_NS - 1000000, .backend = 3, .waiting = 1};
	latency_outstanding(timings, NOW_NS, waiting, 4);
	is_int(waiting[2].requests, 2,
	       "two requests wait, and none that is over, forgotten or to come");
	is_int(waiting[2].waited_us, 13000, "for so long, round trips aside");
	is_int(waiting[3].requests, 1, "the last entry counts");
	is_int(waiting[0].requests + waiting[1].requests, 0, "nobody else waits");
}

static void test_words(void)
{
	static const struct {
		double us;
		const char *text;
	} words[] = {{1, "1us"},	{999.4, "999us"}, {999.6, "1.0ms"},  {5123, "5.1ms"},
		     {9951, "10ms"},	{20400, "20ms"},  {999499, "999ms"}, {999501, "1.0s"},
		     {2440000, "2.4s"}, {9.96e6, "10s"},  {67000000, "67s"}};
	struct latency_stats some = {.samples = 1}, none = {0};
	char text[80];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		is_str(latency_format(&some, words[i].us, text), words[i].text, "%g us are %s",
		       words[i].us, words[i].text);
	is_str(latency_format(&none, 0, text), "-", "nothing is a dash");
	latency_describe((struct latency_stats){5100, 5000, 20000, 12}, text, sizeof(text));
	is_str(text, "mean 5.1ms, p50 5.0ms, p99 20ms, of 12", "all in words");
}

int main(void)
{
	test_figures();
	test_waiting();
	test_words();
	return tap_done();
}
