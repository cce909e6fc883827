// SPDX-License-Identifier: GPL-2.0-only
/* What counters gain a second, numbers in few columns, and which outcomes are losses. */
#include <string.h>

#include "base/human.h"
#include "core/tap.h"
#include "model/outcome.h"

static void test_gain(void)
{
	const struct lb_traffic before = {1000, 50000, 10, 900, 40000, {0}};
	struct lb_traffic now = {1400, 90000, 15, 1000, 41000, {0}};
	struct rate rate = rate_since(&now, &before, 2);

	ok(rate.packets == 200 && rate.bytes == 20000 && rate.new_flows == 2.5,
	   "what went to backends, a second");
	ok(rate.reply_packets == 50 && rate.reply_bytes == 500, "and what came back");
	rate = rate_since(&now, NULL, 10);
	ok(rate.packets == 140 && rate.reply_packets == 100, "without a before, all of it");
	now.packets = 3;
	rate = rate_since(&now, &before, 1);
	ok(rate.packets == 0 && rate.bytes == 0 && rate.reply_packets == 0,
	   "nothing is told of counters that began anew");
	ok(rate_per_second(30, 10, 4) == 5 && rate_per_second(10, 30, 4) == 0,
	   "the same of one counter");
}

static void test_numbers(void)
{
	static const struct {
		double value;
		const char *text;
	} words[] = {
		{0, "0"},	   {0.34, "0.3"},    {3, "3"},		{9.94, "9.9"},
		{9.96, "10"},	   {9999.4, "9999"}, {9999.6, "10.0k"}, {12345, "12.3k"},
		{99940, "99.9k"},  {99960, "100k"},  {999400, "999k"},	{999600, "1.0M"},
		{1234567, "1.2M"}, {9.4e9, "9.4G"},  {1e11, "100G"},	{4.2e13, "42.0T"},
		{1.8e19, "18.0E"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char text[HUMAN_TEXT_BYTES];

		is_str(human_format(words[i].value, text), words[i].text, "%g is %s",
		       words[i].value, words[i].text);
		ok(strlen(text) <= 5, "in no more than five columns");
	}
}

static void test_outcomes(void)
{
	is_str(outcome_name(LB_NO_BACKEND), "no_backend", "outcomes have names");
	ok(outcome_is_drop(LB_NO_BACKEND) && outcome_is_drop(LB_ABORTED) &&
		   outcome_is_drop(LB_FRAGMENT_UNKNOWN) && outcome_is_drop(LB_OVERLOADED),
	   "what is dropped is a loss");
	ok(!outcome_is_drop(LB_FORWARDED) && !outcome_is_drop(LB_PASSED) &&
		   !outcome_is_drop(LB_TOO_BIG) && !outcome_is_drop(LB_OUTCOME_COUNT),
	   "and nothing else");
}

int main(void)
{
	test_gain();
	test_numbers();
	test_outcomes();
	return tap_done();
}
