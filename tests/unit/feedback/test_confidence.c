// SPDX-License-Identifier: GPL-2.0-only
/* How far wishes are no chance: steady ones, and large ones that come twice. */
#include "core/tap.h"
#include "feedback/confidence.h"

static struct confidence confidence;
static double result;

static void begin(void)
{
	confidence = (struct confidence){0};
}

/* The same wish so often, by so many samples, in an idle service. */
static void add_deviation(int times, double d, double samples)
{
	while (times-- > 0)
		result = confidence_update(&confidence, d, samples, 1);
}

/* Wishes that keep no sign. */
static void oscillate(int times, double d, double samples)
{
	for (int i = 0; i < times; i++)
		add_deviation(1, i % 2 ? d : -d, samples);
}

static bool is_within(double low, double high)
{
	bool is = result >= low && result <= high;

	if (!is)
		diag("trusted %.4f", result);
	return is;
}

static void test_steady(void)
{
	begin();
	add_deviation(1, 0.2, 100);
	ok(is_within(0.05, 0.3), "the first wish is doubted");
	add_deviation(20, 0.2, 100);
	ok(is_within(0.8, 1), "one that stays is trusted within ten seconds");
	begin();
	add_deviation(1, 1.2, 100);
	ok(is_within(0.5, 0.95), "a larger one sooner");
	begin();
	oscillate(100, 0.3, 100);
	ok(is_within(0, 0.02), "one that turns all the time is not");
	add_deviation(100, 0.3, 100);
	ok(is_within(0.8, 1), "until it stays");
	add_deviation(1, -0.3, 100);
	ok(result == 0, "nor is one against what all before were");
	add_deviation(100, -0.3, 100);
	ok(is_within(0.8, 1), "which is overcome");
}

static void test_large(void)
{
	begin();
	oscillate(100, 0.2, 100);
	add_deviation(1, -2.5, 100);
	ok(is_within(0, 0.15), "one step that is far off is chance");
	add_deviation(1, -2.5, 100);
	ok(is_within(0.4, 0.6), "two are not");
	add_deviation(1, -4, 100);
	add_deviation(1, -4, 100);
	ok(is_within(0.95, 1), "and not at all, of twenty times");
	begin();
	oscillate(100, 0.2, 100);
	add_deviation(1, 3, 100);
	add_deviation(1, -3, 100);
	ok(is_within(0, 0.1), "one up and one down are");
	begin();
	oscillate(100, 0.2, 2);
	add_deviation(2, -1.5, 2);
	ok(is_within(0, 0.1), "so are two of two samples each");
	begin();
	oscillate(100, 0.2, 1);
	add_deviation(2, -2.5, 1);
	ok(is_within(0.1, 0.3), "and two of one that are far off may be");
}

/* Of a wish that is new, by so many samples where 100 are usual. */
static double first_deviation(double samples)
{
	begin();
	oscillate(100, 0.2, 100);
	add_deviation(3, 0.4, samples);
	return result;
}

static void test_few(void)
{
	double few, usual;

	begin();
	add_deviation(200, 0.5, 1);
	ok(is_within(0.2, 0.3), "one sample a step is trusted a quarter");
	few = first_deviation(5);
	usual = first_deviation(100);
	diag("trusted %.4f by few, %.4f by as many as usual", few, usual);
	ok(few < usual / 4, "less than usual counts less");
}

/* Chance that mostly has one sign. */
static double biased(double saturation)
{
	double sum = 0;

	begin();
	for (int i = 0; i < 400; i++)
		sum += confidence_update(&confidence, i % 4 ? 0.2 : -0.2, 100, saturation);
	return sum / 400;
}

static void test_full(void)
{
	double idle = biased(1), full = biased(4);

	diag("trusted %.3f idle, %.3f full", idle, full);
	ok(full < idle / 2, "the fuller queues are, the more is chance");
}

int main(void)
{
	test_steady();
	test_large();
	test_few();
	test_full();
	return tap_done();
}
