// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"

static const struct unit {
	const char *name;
	__u64 ms;
} units[] = {
	{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};

#define UNITS (sizeof(units) / sizeof(units[0]))

/* A decimal number: digits / 10^places. */
struct decimal {
	__u64 digits;
	__u64 scale; /* 10^places */
};

/* Value of a unit in ms; 0 = no such unit. */
static __u64 find_unit(const char *name)
{
	for (size_t i = 0; i < UNITS; i++)
		if (!strcmp(units[i].name, name))
			return units[i].ms;
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Zeros that end a fraction say nothing, and would only use up the digits that can be held. */
static const char *fraction_end(const char *text)
{
	const char *end = text;

	for (; is_digit(*text); text++)
		if (*text != '0')
			end = text + 1;
	return end;
}

static int add_digits(struct decimal *number, const char *from, const char *to, bool fraction)
{
	for (; from < to; from++) {
		if (__builtin_mul_overflow(number->digits, 10, &number->digits) ||
		    __builtin_add_overflow(number->digits, *from - '0', &number->digits) ||
		    (fraction && __builtin_mul_overflow(number->scale, 10, &number->scale)))
			return -ERANGE;
	}
	return 0;
}

static int to_ms(struct decimal number, __u64 unit_ms, __u64 *ms)
{
	__u64 scaled;

	if (__builtin_mul_overflow(number.digits, unit_ms, &scaled) || scaled % number.scale)
		return -ERANGE;
	*ms = scaled / number.scale;
	return 0;
}

int duration_parse(const char *text, __u64 *ms)
{
	struct decimal number = {.digits = 0, .scale = 1};
	size_t whole = strspn(text, "0123456789");
	const char *fraction = text + whole;
	size_t places = 0;
	__u64 unit_ms;
	int err;

	if (*fraction == '.')
		places = strspn(++fraction, "0123456789");
	unit_ms = find_unit(fraction + places);
	if (!whole || !unit_ms || (fraction > text + whole && !places))
		return -EINVAL;
	err = add_digits(&number, text, text + whole, false);
	if (!err && places)
		err = add_digits(&number, fraction, fraction_end(fraction), true);
	return err ? err : to_ms(number, unit_ms, ms);
}

void duration_format(__u64 ms, char *text, size_t size)
{
	size_t i = 0;

	if (!ms) {
		snprintf(text, size, "0s");
		return;
	}
	while (ms % units[i].ms)
		i++;
	snprintf(text, size, "%llu%s", (unsigned long long)(ms / units[i].ms), units[i].name);
}
