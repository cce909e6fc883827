// SPDX-License-Identifier: GPL-2.0-only
/* Histograms of response times: buckets, means, quantiles, windows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/tap.h"
#include "model/histogram.h"
#include "random.h"

#define TIMES 20000

static struct lb_responses responses;
static __u32 times_us[TIMES];

static void test_bit(void)
{
	bool all = true;

	for (__u32 bit = 0; bit < 32; bit++) {
		__u32 word = 1U << bit;

		all &= lb_highest_bit(word) == bit && lb_highest_bit(word | (word - 1)) == bit;
	}
	ok(all, "the highest bit is found");
}

/* At both ends of each bucket. Buckets are ordered, so this covers all times. */
static void test_buckets(void)
{
	bool found = true, narrow = true;

	for (__u32 i = 0; i < LB_RESPONSE_BUCKETS; i++) {
		__u32 from = lb_response_min_us(i), to = lb_response_min_us(i + 1);

		found &= lb_response_bucket(from) == i && lb_response_bucket(to - 1) == i;
		narrow &= to > from && (to - from == 1 || (to - from) * 16 <= from);
	}
	ok(found, "buckets are contiguous");
	ok(narrow, "a bucket is at most 1 us or 1/16 wide");
	is_int(lb_response_min_us(0), 0, "the first bucket begins at 0");
	is_int(lb_response_min_us(LB_RESPONSE_BUCKETS), 1 << 26, "the last bucket ends at 67 s");
	is_int(lb_response_bucket(~0U), LB_RESPONSE_BUCKETS - 1,
	       "longer times are in the last bucket");
}

static int compare_time(const void *left, const void *right)
{
	__u32 a = *(const __u32 *)left, b = *(const __u32 *)right;

	return a < b ? -1 : a > b;
}

/* Times distributed evenly over the powers of two up to 2^26. */
static void draw_times(size_t count)
{
	memset(&responses, 0, sizeof(responses));
	for (size_t i = 0; i < count; i++) {
		times_us[i] = exp2(random_below(26000) / 1000.0);
		responses.count[lb_response_bucket(times_us[i])]++;
	}
	qsort(times_us, count, sizeof(times_us[0]), compare_time);
}

/* Within half a bucket, plus 1 us for truncation. */
static bool is_near(double got, double wanted)
{
	bool near = fabs(got - wanted) <= wanted / 16 + 1;

	if (!near)
		diag("got %.1f, wanted %.1f", got, wanted);
	return near;
}

static double clipped_mean(size_t count, double max_us)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += fmin(times_us[i], max_us);
	return sum / count;
}

static void test_many_samples(void)
{
	static const double parts[] = {0.01, 0.05, 0.5, 0.9, 0.99, 0.999};
	bool near = true;

	draw_times(TIMES);
	is_int(histogram_count(&responses), TIMES, "all samples are counted");
	ok(is_near(histogram_mean_us(&responses), clipped_mean(TIMES, INFINITY)),
	   "the mean is close to the true one");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		near &= is_near(histogram_quantile_us(&responses, parts[i]),
				times_us[(size_t)(TIMES * parts[i])]);
	ok(near, "quantiles are close to the true ones");
	ok(is_near(histogram_clipped_mean_us(&responses, 0.05),
		   clipped_mean(TIMES, times_us[TIMES * 95 / 100])),
	   "the clipped mean is close to the true one");
}

static void test_few_samples(void)
{
	memset(&responses, 0, sizeof(responses));
	ok(!histogram_count(&responses) && histogram_mean_us(&responses) == 0 &&
		   histogram_quantile_us(&responses, 0.5) == 0 &&
		   histogram_clipped_mean_us(&responses, 0.05) == 0,
	   "without samples everything is 0");
	responses.count[lb_response_bucket(1000)] = 1;
	ok(is_near(histogram_mean_us(&responses), 1000) &&
		   is_near(histogram_quantile_us(&responses, 0), 0) &&
		   is_near(histogram_quantile_us(&responses, 1), 1000) &&
		   is_near(histogram_clipped_mean_us(&responses, 0.05), 1000),
	   "all figures of one sample are that sample");
	responses.count[lb_response_bucket(1000)] = 19;
	responses.count[lb_response_bucket(60000000)] = 1;
	ok(is_near(histogram_clipped_mean_us(&responses, 0.05), 1000), "one of 20 is clipped");
	responses.count[lb_response_bucket(60000000)] = 4;
	ok(histogram_clipped_mean_us(&responses, 0.05) > 5000000, "four of 23 are not clipped");
	memset(&responses, 0xff, sizeof(responses));
	is_int(histogram_count(&responses), 368 * 0xffffffffULL,
	       "the largest counts do not overflow");
	ok(histogram_clipped_mean_us(&responses, 0.05) < LB_RESPONSE_MAX_US,
	   "the largest counts have a mean");
}

static void test_windows(void)
{
	struct lb_responses before = {0}, now = {0}, window;

	now.count[7] = 3;
	before.count[8] = 0xfffffffe;
	now.count[8] = 3;
	before.count[9] = 100;
	now.count[9] = 40;
	histogram_since(&window, &now, &before);
	is_int(window.count[7], 3, "a window has the samples since then");
	is_int(window.count[8], 5, "a window handles wrap-around");
	is_int(window.count[9], 40, "a window has all samples after a reset");
	histogram_add(&window, &now);
	is_int(window.count[9], 80, "windows are added");
}

int main(void)
{
	test_bit();
	test_buckets();
	test_many_samples();
	test_few_samples();
	test_windows();
	return tap_done();
}
