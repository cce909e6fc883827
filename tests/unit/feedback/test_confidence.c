// SPDX-License-Identifier: GPL-2.0-only
/* How far wishes are no chance: steady ones, and large ones that come twice. */
#include "feedback/confidence.h"
#include "rig/tap.h"

static struct confidence confidence;
static double told;

static void begin(void)
{
	confidence = (struct confidence){0};
}

/* The same wish so often, by so many samples, in an idle service. */
static void wish(int times, double d, double samples)
{
	while (times-- > 0)
		told = confidence_update(&confidence, d, samples, 1);
}

/* Wishes that keep no sign. */
static void sway(int times, double d, double samples)
{
	for (int i = 0; i < times; i++)
		wish(1, i % 2 ? d : -d, samples);
}

static bool is_within(double low, double high)
{
	bool is = told >= low && told <= high;

	if (!is)
		diag("trusted %.4f", told);
	return is;
}

static void test_steady(void)
{
	begin();
	wish(1, 0.2, 100);
	ok(is_within(0.05, 0.3), "the first wish is doubted");
	wish(20, 0.2, 100);
	ok(is_within(0.8, 1), "one that stays is trusted within ten seconds");
	begin();
	wish(1, 1.2, 100);
	ok(is_within(0.5, 0.95), "a larger one sooner");
	begin();
	sway(100, 0.3, 100);
	ok(is_within(0, 0.02), "one that turns all the time is not");
	wish(100, 0.3, 100);
	ok(is_within(0.8, 1), "until it stays");
	wish(1, -0.3, 100);
	ok(told == 0, "nor is one against what all before were");
	wish(100, -0.3, 100);
	ok(is_within(0.8, 1), "which is overcome");
}

static void test_large(void)
{
	begin();
	sway(100, 0.2, 100);
	wish(1, -2.5, 100);
	ok(is_within(0, 0.15), "one step that is far off is chance");
	wish(1, -2.5, 100);
	ok(is_within(0.4, 0.6), "two are not");
	wish(1, -4, 100);
	wish(1, -4, 100);
	ok(is_within(0.95, 1), "and not at all, of twenty times");
	begin();
	sway(100, 0.2, 100);
	wish(1, 3, 100);
	wish(1, -3, 100);
	ok(is_within(0, 0.1), "one up and one down are");
	begin();
	sway(100, 0.2, 2);
	wish(2, -1.5, 2);
	ok(is_within(0, 0.1), "so are two of two samples each");
	begin();
	sway(100, 0.2, 1);
	wish(2, -2.5, 1);
	ok(is_within(0.1, 0.3), "and two of one that are far off may be");
}

/* Of a wish that is new, by so many samples where 100 are usual. */
static double new_wish(double samples)
{
	begin();
	sway(100, 0.2, 100);
	wish(3, 0.4, samples);
	return told;
}

static void test_few(void)
{
	double few, usual;

	begin();
	wish(200, 0.5, 1);
	ok(is_within(0.2, 0.3), "one sample a step is trusted a quarter");
	few = new_wish(5);
	usual = new_wish(100);
	diag("trusted %.4f by few, %.4f by as many as usual", few, usual);
	ok(few < usual / 4, "less than usual counts less");
}

/* Chance that mostly has one sign. */
static double slanted(double saturation)
{
	double sum = 0;

	begin();
	for (int i = 0; i < 400; i++)
		sum += confidence_update(&confidence, i % 4 ? 0.2 : -0.2, 100, saturation);
	return sum / 400;
}

static void test_full(void)
{
	double idle = slanted(1), full = slanted(4);

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
