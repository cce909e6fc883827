// SPDX-License-Identifier: GPL-2.0-only
#include "model/traffic_rate.h"

double counter_rate_since(__u64 now, __u64 before, double seconds)
{
	return now > before ? (now - before) / seconds : 0;
}

struct traffic_rate traffic_rate_since(const struct lb_traffic *now,
				       const struct lb_traffic *before, double seconds)
{
	static const struct lb_traffic none;

	if (!before)
		before = &none;
	if (now->packets < before->packets || now->reply_packets < before->reply_packets)
		return (struct traffic_rate){0};
	return (struct traffic_rate){
		.packets = counter_rate_since(now->packets, before->packets, seconds),
		.bytes = counter_rate_since(now->bytes, before->bytes, seconds),
		.reply_packets =
			counter_rate_since(now->reply_packets, before->reply_packets, seconds),
		.reply_bytes = counter_rate_since(now->reply_bytes, before->reply_bytes, seconds),
		.new_flows = counter_rate_since(now->new_flows, before->new_flows, seconds),
	};
}
