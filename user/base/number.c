// SPDX-License-Identifier: GPL-2.0-only
#include "base/number.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The number is digits / divisor. */
struct decimal {
	__u64 digits;
	__u64 divisor; /* a power of 10 */
};

/* Returns the end of the digits that `text` begins with. */
static const char *skip_digits(const char *text, const char *end)
{
	while (text < end && *text >= '0' && *text <= '9')
		text++;
	return text;
}

/* Appends the digits up to `end`. Returns 0 or -ERANGE. */
static int add_digits(struct decimal *number, const char *text, const char *end, bool is_fraction)
{
	for (; text < end; text++) {
		if (__builtin_mul_overflow(number->digits, 10, &number->digits) ||
		    __builtin_add_overflow(number->digits, *text - '0', &number->digits) ||
		    (is_fraction && __builtin_mul_overflow(number->divisor, 10, &number->divisor)))
			return -ERANGE;
	}
	return 0;
}

int number_parse(const char *text, __u64 min, __u64 max, __u64 *value)
{
	__u64 parsed;

	if (strchr(text, '.') || number_parse_scaled(text, strlen(text), 1, &parsed) ||
	    parsed < min || parsed > max)
		return -EINVAL;
	*value = parsed;
	return 0;
}

int number_parse_scaled(const char *text, size_t length, __u64 scale, __u64 *value)
{
	struct decimal number = {.digits = 0, .divisor = 1};
	const char *end = text + length, *point = skip_digits(text, end);
	bool has_fraction = point < end && *point == '.';
	const char *fraction = point + has_fraction;
	__u64 scaled;

	if (point == text || skip_digits(fraction, end) != end || (has_fraction && fraction == end))
		return -EINVAL;
	while (end > fraction && end[-1] == '0') /* these would only use up the range */
		end--;
	if (add_digits(&number, text, point, false) || add_digits(&number, fraction, end, true) ||
	    __builtin_mul_overflow(number.digits, scale, &scaled) || scaled % number.divisor)
		return -ERANGE;
	*value = scaled / number.divisor;
	return 0;
}
