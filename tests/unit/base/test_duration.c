// SPDX-License-Identifier: GPL-2.0-only
/* Durations: accepted texts, refused texts, formatting. */
#include <errno.h>

#include "base/duration.h"
#include "core/tap.h"
#include "random.h"

static const struct {
	const char *text;
	__u64 ms;
} good[] = {
	{"0s", 0},
	{"0ms", 0},
	{"0.0d", 0},
	{"1ms", 1},
	{"250ms", 250},
	{"5s", 5000},
	{"2m", 120000},
	{"2h", 7200000},
	{"1d", 86400000},
	{"1.5s", 1500},
	{"0.001s", 1},
	{"1.500000000000000000000000000000s", 1500},
	{"1.0ms", 1},
	{"0.1m", 6000},
	{"0.5h", 1800000},
	{"0.00025h", 900},
	{"007s", 7000},
	{"18446744073709551615ms", 18446744073709551615ULL},
	{"213503982334d", 18446744073657600000ULL},
};

static const struct {
	const char *text;
	int err;
} bad[] = {
	{"", -EINVAL},
	{"5", -EINVAL},
	{"0", -EINVAL},
	{"s", -EINVAL},
	{"ms", -EINVAL},
	{".5s", -EINVAL},
	{"5.s", -EINVAL},
	{"5 s", -EINVAL},
	{" 5s", -EINVAL},
	{"5s ", -EINVAL},
	{"5S", -EINVAL},
	{"5sec", -EINVAL},
	{"5mss", -EINVAL},
	{"5us", -EINVAL},
	{"-5s", -EINVAL},
	{"+5s", -EINVAL},
	{"1e3s", -EINVAL},
	{"0x5s", -EINVAL},
	{"1.5.5s", -EINVAL},
	{"1,5s", -EINVAL},
	{"1m30s", -EINVAL},
	{"99999999999999999999x", -EINVAL},
	{"0.5ms", -ERANGE},
	{"0.0001s", -ERANGE},
	{"18446744073709551616ms", -ERANGE},
	{"18446744073709552s", -ERANGE},
	{"213503982335d", -ERANGE},
	{"99999999999999999999s", -ERANGE},
	{"0.00000000000000000000001d", -ERANGE},
};

static const struct {
	__u64 ms;
	const char *text;
} formatted[] = {
	{0, "0s"},	   {1, "1ms"},
	{1500, "1500ms"},  {1000, "1s"},
	{90000, "90s"},	   {120000, "2m"},
	{3600000, "1h"},   {86400000, "1d"},
	{90000000, "25h"}, {18446744073709551615ULL, "18446744073709551615ms"},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void test_good(void)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		__u64 ms = 4711;

		ok(!duration_parse(good[i].text, &ms) && ms == good[i].ms, "\"%s\" is %llu ms",
		   good[i].text, good[i].ms);
	}
}

static void test_bad(void)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		__u64 ms = 4711;
		int err = duration_parse(bad[i].text, &ms);

		ok(err == bad[i].err && ms == 4711, "\"%s\" is refused: %s", bad[i].text,
		   bad[i].err == -EINVAL ? "not a duration" : "out of range");
	}
}

static void test_format(void)
{
	char text[DURATION_TEXT_BYTES];

	for (size_t i = 0; i < COUNT(formatted); i++) {
		duration_format(formatted[i].ms, text, sizeof(text));
		is_str(text, formatted[i].text, "%llu ms is formatted", formatted[i].ms);
	}
	duration_format(1500, text, 3);
	is_str(text, "15", "a small buffer is not overrun");
}

static void test_round_trip(void)
{
	bool same = true;

	for (int i = 0; i < 100000; i++) {
		__u64 ms = random_word() >> random_below(64), again = ~ms;
		char text[DURATION_TEXT_BYTES];

		if (i % 2)
			ms = ms / 1000 * 1000;
		duration_format(ms, text, sizeof(text));
		same &= !duration_parse(text, &again) && again == ms;
	}
	ok(same, "formatted durations are parsed as the same");
}

static void test_random(void)
{
	static const char letters[] = "0123456789.dhms -";
	int accepted = 0;

	for (int i = 0; i < 200000; i++) {
		char text[12];
		__u64 ms;
		size_t length = random_below(sizeof(text));

		for (size_t k = 0; k < length; k++)
			text[k] = letters[random_below(sizeof(letters) - 1)];
		text[length] = '\0';
		accepted += !duration_parse(text, &ms);
	}
	ok(accepted > 100 && accepted < 100000, "random texts are mostly refused");
}

int main(void)
{
	test_good();
	test_bad();
	test_format();
	test_round_trip();
	test_random();
	return tap_done();
}
