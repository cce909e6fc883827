// SPDX-License-Identifier: GPL-2.0-only
#include "base/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int number_parse(const char *text, __u64 least, __u64 most, __u64 *value)
{
	__u64 number;

	if (!text[0] || text[strspn(text, "0123456789")])
		return -EINVAL;
	errno = 0;
	number = strtoull(text, NULL, 10);
	if (errno || number < least || number > most)
		return -EINVAL;
	*value = number;
	return 0;
}
