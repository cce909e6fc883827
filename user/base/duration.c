// SPDX-License-Identifier: GPL-2.0-only
#include "base/duration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

static const struct unit {
	const char *name;
	__u64 ms;
} units[] = {
	{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};

#define UNITS (sizeof(units) / sizeof(units[0]))

/* Returns the unit in ms; 0 if there is no such unit. */
static __u64 find_unit(const char *name)
{
	for (size_t i = 0; i < UNITS; i++)
		if (!strcmp(units[i].name, name))
			return units[i].ms;
	return 0;
}

int duration_parse(const char *text, __u64 *ms)
{
	size_t length = strspn(text, "0123456789.");
	__u64 unit_ms = find_unit(text + length);

	return unit_ms ? number_parse_scaled(text, length, unit_ms, ms) : -EINVAL;
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
