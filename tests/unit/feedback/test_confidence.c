// SPDX-License-Identifier: GPL-2.0-only
/* Confidence in errors of a factor: consistent ones, and large ones that come twice. */
#include "core/tap.h"
#include "feedback/confidence.h"

static struct confidence confidence;
static double result;

static void begin(void)
{
	confidence = (struct confidence){0};
}

/* The same error in several steps of an idle service. */
static void repeat(int times, double d, double samples)
{
	while (times-- > 0)
		result = confidence_update(&confidence, d, samples, 1);
}

/* Errors of alternating sign. */
static void alternate(int times, double d, double samples)
{
	for (int i = 0; i < times; i++)
		repeat(1, i % 2 ? d : -d, samples);
}

static bool is_within(double low, double high)
{
	bool is = result >= low && result <= high;

	if (!is)
		diag("confidence %.4f", result);
	return is;
}

static void test_consistency(void)
{
	begin();
	repeat(1, 0.2, 100);
	ok(is_within(0.05, 0.3), "the first error has low confidence");
	repeat(20, 0.2, 100);
	ok(is_within(0.8, 1), "a constant error has high confidence in 10 s");
	begin();
	repeat(1, 1.2, 100);
	ok(is_within(0.5, 0.95), "a large error has high confidence sooner");
	begin();
	alternate(100, 0.3, 100);
	ok(is_within(0, 0.02), "an alternating error has none");
	repeat(100, 0.3, 100);
	ok(is_within(0.8, 1), "an error that becomes constant has");
	repeat(1, -0.3, 100);
	ok(result == 0, "an error of the other sign has none");
	repeat(100, -0.3, 100);
	ok(is_within(0.8, 1), "an error that stays reversed has");
}

static void test_magnitude(void)
{
	begin();
	alternate(100, 0.2, 100);
	repeat(1, -2.5, 100);
	ok(is_within(0, 0.15), "one large error may be noise");
	repeat(1, -2.5, 100);
	ok(is_within(0.4, 0.6), "two large errors are not noise");
	repeat(1, -4, 100);
	repeat(1, -4, 100);
	ok(is_within(0.95, 1), "two very large errors have full confidence");
	begin();
	alternate(100, 0.2, 100);
	repeat(1, 3, 100);
	repeat(1, -3, 100);
	ok(is_within(0, 0.1), "large errors of both signs are noise");
	begin();
	alternate(100, 0.2, 2);
	repeat(2, -1.5, 2);
	ok(is_within(0, 0.1), "two large errors of few samples are noise");
	begin();
	alternate(100, 0.2, 1);
	repeat(2, -2.5, 1);
	ok(is_within(0.1, 0.3), "two very large errors of one sample may be noise");
}

/* The confidence in a new error, where 100 samples are usual. */
static double new_error(double samples)
{
	begin();
	alternate(100, 0.2, 100);
	repeat(3, 0.4, samples);
	return result;
}

static void test_samples(void)
{
	double few, usual;

	begin();
	repeat(200, 0.5, 1);
	ok(is_within(0.2, 0.3), "one sample per step gives a quarter");
	few = new_error(5);
	usual = new_error(100);
	diag("confidence %.4f of few samples, %.4f of the usual number", few, usual);
	ok(few < usual / 4, "fewer samples than usual count less");
}

/* The mean confidence in noise that mostly has one sign. */
static double biased_noise(double saturation)
{
	double sum = 0;

	begin();
	for (int i = 0; i < 400; i++)
		sum += confidence_update(&confidence, i % 4 ? 0.2 : -0.2, 100, saturation);
	return sum / 400;
}

static void test_saturation(void)
{
	double idle = biased_noise(1), saturated = biased_noise(4);

	diag("confidence %.3f idle, %.3f saturated", idle, saturated);
	ok(saturated < idle / 2, "saturation lowers confidence");
}

int main(void)
{
	test_consistency();
	test_magnitude();
	test_samples();
	test_saturation();
	return tap_done();
}
