// SPDX-License-Identifier: GPL-2.0-only
/* Decimal numbers: what is accepted, and the error for everything else. */
#include <errno.h>
#include <string.h>

#include "base/number.h"
#include "core/tap.h"

#define UNTOUCHED 4711
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

static void test_whole(void)
{
	static const char *const refused[] = {
		"",   " 1", "1 ",  "+1", "-1",	 "0x1", "1e3",
		"1.", ".1", "1.0", "9",	 "1001", "x",	"18446744073709551616"};
	__u64 value = UNTOUCHED;

	for (size_t i = 0; i < COUNT(refused); i++)
		ok(number_parse(refused[i], 10, 1000, &value) == -EINVAL && value == UNTOUCHED,
		   "'%s' is not a number from 10 to 1000", refused[i]);
	ok(!number_parse("10", 10, 1000, &value) && value == 10, "the minimum is accepted");
	ok(!number_parse("1000", 10, 1000, &value) && value == 1000, "the maximum is accepted");
	ok(!number_parse("0000000000000000000000099", 10, 1000, &value) && value == 99,
	   "leading zeros are accepted");
	ok(!number_parse("18446744073709551615", 0, ~0ULL, &value) && value == ~0ULL,
	   "the largest number of 64 bits is accepted");
}

static void test_scaled(void)
{
	static const struct {
		const char *text;
		__u64 scale;
		int error;
		__u64 value;
	} cases[] = {
		{"1.25", 1000, 0, 1250},
		{"1.2500000000000000000000000", 1000, 0, 1250},
		{"0.0", 1, 0, 0},
		{"7", 60, 0, 420},
		{"0.1", 60, 0, 6},
		{"1.", 1000, -EINVAL, 0},
		{".5", 1000, -EINVAL, 0},
		{".", 1000, -EINVAL, 0},
		{"", 1000, -EINVAL, 0},
		{"1.2.3", 1000, -EINVAL, 0},
		{"1,5", 1000, -EINVAL, 0},
		{"1.2345", 1000, -ERANGE, 0},
		{"0.1", 1, -ERANGE, 0},
		{"18446744073709551616", 1, -ERANGE, 0},
		{"18446744073709552", 1000, -ERANGE, 0},
		{"0.00000000000000000000000001", 1000, -ERANGE, 0},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		__u64 value = UNTOUCHED;
		int error = number_parse_scaled(cases[i].text, strlen(cases[i].text),
						cases[i].scale, &value);

		ok(error == cases[i].error && value == (error ? UNTOUCHED : cases[i].value),
		   "'%s' times %llu is %d, %llu", cases[i].text, cases[i].scale, cases[i].error,
		   cases[i].value);
	}
}

/* A number that is not the end of its text. */
static void test_length(void)
{
	__u64 value = UNTOUCHED;

	ok(!number_parse_scaled("50%", 2, 1, &value) && value == 50, "text after it is ignored");
	ok(!number_parse_scaled("1234", 2, 1, &value) && value == 12, "digits after it as well");
	ok(!number_parse_scaled("1.5", 1, 1, &value) && value == 1, "and a fraction");
	ok(number_parse_scaled("1.5", 2, 1, &value) == -EINVAL,
	   "a point without digits is refused");
	ok(number_parse_scaled("5", 0, 1, &value) == -EINVAL, "an empty text is refused");
}

int main(void)
{
	test_whole();
	test_scaled();
	test_length();
	return tap_done();
}
