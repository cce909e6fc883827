// SPDX-License-Identifier: GPL-2.0-only
/* Latency figures, their text form, windows, outstanding requests. */
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

static void test_stats(void)
{
	struct lb_latency latency = {0}, before, window;
	struct latency_stats stats = latency_stats(&latency);

	ok(!stats.samples && stats.mean_us == 0 && stats.p50_us == 0 && stats.p99_us == 0,
	   "without samples all figures are 0");
	add(&latency, 1000, 95);
	add(&latency, 50000, 5);
	stats = latency_stats(&latency);
	is_int(stats.samples, 100, "100 samples are counted");
	ok(stats.mean_us == 3450, "the mean is exact");
	ok(is_near(stats.p50_us, 1000) && is_near(stats.p99_us, 50000), "p50 and p99 are close");
	before = latency;
	add(&latency, 20000, 40);
	latency.begun = 7;
	latency.sampled = 41;
	latency.age = 90;
	latency_since(&window, &latency, &before);
	stats = latency_stats(&window);
	ok(stats.samples == 40 && stats.mean_us == 20000 && is_near(stats.p50_us, 20000),
	   "a window has its own samples");
	is_int(window.begun, 7, "a window has its own connections");
	ok(window.sampled == 41 && window.age == 90, "a window has its own flow ages");
	latency_since(&window, &before, &latency);
	is_int(latency_stats(&window).samples, 100, "a window has all samples after a reset");
	before = (struct lb_latency){.sampled = 3};
	latency = (struct lb_latency){.sampled = 1};
	latency_since(&window, &latency, &before);
	is_int(window.sampled, 1, "a reset is detected without responses");
}

static void test_outstanding(void)
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
	is_int(waiting[2].requests, 2, "only requests that wait now are counted");
	is_int(waiting[2].waited_us, 13000, "waiting times exclude round trips");
	is_int(waiting[3].requests, 1, "the last entry of the table is counted");
	is_int(waiting[0].requests + waiting[1].requests, 0,
	       "other backends have no waiting requests");
}

static void test_text(void)
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
		is_str(latency_format(&some, words[i].us, text), words[i].text, "%g us is %s",
		       words[i].us, words[i].text);
	is_str(latency_format(&none, 0, text), "-", "no samples are '-'");
	latency_describe((struct latency_stats){5100, 5000, 20000, 12}, text, sizeof(text));
	is_str(text, "mean 5.1ms, p50 5.0ms, p99 20ms, of 12", "all figures are described");
}

int main(void)
{
	test_stats();
	test_outstanding();
	test_text();
	return tap_done();
}
