// SPDX-License-Identifier: GPL-2.0-only
/* Rates of traffic counters. */
#include "core/tap.h"
#include "model/traffic_rate.h"

int main(void)
{
	const struct lb_traffic before = {1000, 50000, 10, 900, 40000, {0}};
	struct lb_traffic now = {1400, 90000, 15, 1000, 41000, {0}};
	struct traffic_rate rate = traffic_rate_since(&now, &before, 2);

	ok(rate.packets == 200 && rate.bytes == 20000 && rate.new_flows == 2.5,
	   "requests are counted per second");
	ok(rate.reply_packets == 50 && rate.reply_bytes == 500, "replies are counted per second");
	rate = traffic_rate_since(&now, NULL, 10);
	ok(rate.packets == 140 && rate.reply_packets == 100,
	   "without an earlier sample counters begin at 0");
	now.packets = 3;
	rate = traffic_rate_since(&now, &before, 1);
	ok(rate.packets == 0 && rate.bytes == 0 && rate.reply_packets == 0,
	   "counters that were reset have no rate");
	ok(counter_rate_since(30, 10, 4) == 5 && counter_rate_since(10, 30, 4) == 0,
	   "one counter has the same rules");
	return tap_done();
}
