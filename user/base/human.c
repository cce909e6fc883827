// SPDX-License-Identifier: GPL-2.0-only
#include "base/human.h"

#include <stdio.h>

double rate_per_second(__u64 now, __u64 before, double seconds)
{
	return now > before ? (now - before) / seconds : 0;
}

struct rate rate_since(const struct lb_traffic *now, const struct lb_traffic *before,
		       double seconds)
{
	static const struct lb_traffic none;

	if (!before)
		before = &none;
	if (now->packets < before->packets || now->reply_packets < before->reply_packets)
		return (struct rate){0};
	return (struct rate){
		.packets = rate_per_second(now->packets, before->packets, seconds),
		.bytes = rate_per_second(now->bytes, before->bytes, seconds),
		.reply_packets =
			rate_per_second(now->reply_packets, before->reply_packets, seconds),
		.reply_bytes = rate_per_second(now->reply_bytes, before->reply_bytes, seconds),
		.new_flows = rate_per_second(now->new_flows, before->new_flows, seconds),
	};
}

const char *human_format(double value, char text[HUMAN_TEXT_BYTES])
{
	static const char units[] = "kMGTPE";
	size_t unit = 0;

	if (value < 9999.5) {
		/* Of few, the tenths tell something. */
		snprintf(text, HUMAN_TEXT_BYTES,
			 value >= 9.95 || value == (int)value ? "%.0f" : "%.1f", value);
		return text;
	}
	for (value /= 1000; value >= 999.5 && units[unit + 1]; unit++)
		value /= 1000;
	snprintf(text, HUMAN_TEXT_BYTES, value < 99.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return text;
}

const char *name_of(const char *const *names, size_t count, size_t index)
{
	return index < count ? names[index] : "?";
}
