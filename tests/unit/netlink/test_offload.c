// SPDX-License-Identifier: GPL-2.0-only
/* What of an interface's own doings is in the way, for features that few machines have. */
#include "netlink/offload.h"

#include "core/tap.h"

static const struct offloads fine = {.rx_queues = 8,
				     .rx_queues_max = 16,
				     .tx_queues = 8,
				     .tx_queues_max = 16,
				     .is_combined = true};

static unsigned int check_offloads(struct offloads offloads)
{
	return offload_check(&offloads, 8, true);
}

static void test_merging(void)
{
	struct offloads offloads = fine;

	is_int(check_offloads(offloads), 0,
	       "a queue for each processor, and nothing merged: all is well");
	offloads.has_lro = true;
	is_int(check_offloads(offloads), OFFLOAD_LRO, "LRO is told");
	offloads.has_gro_hw = true;
	is_int(check_offloads(offloads), OFFLOAD_LRO | OFFLOAD_GRO_HW,
	       "and so is merging in hardware");
	is_int(offload_check(&offloads, 1, false), OFFLOAD_LRO | OFFLOAD_GRO_HW,
	       "in whatever mode, for however many processors");
}

static void test_queues(void)
{
	struct offloads offloads = fine;

	offloads.rx_queues = 1;
	is_int(check_offloads(offloads), OFFLOAD_ONE_RX_QUEUE,
	       "one queue of many that packets come in by");
	is_int(offload_check(&offloads, 1, true), 0, "is enough for one processor");
	offloads.rx_queues_max = 1;
	is_int(check_offloads(offloads), 0, "and what cannot be had is not asked for");
	offloads = fine;
	offloads.tx_queues = 7;
	is_int(check_offloads(offloads), OFFLOAD_FEW_TX_QUEUES,
	       "fewer queues to send by than processors");
	is_int(offload_check(&offloads, 8, false), 0, "are of no matter to the stack");
	is_int(offload_check(&offloads, 7, true), 0, "and one for each is enough");
	is_int(check_offloads((struct offloads){0}), 0, "a driver that says nothing is not blamed");
	is_int(offload_usable_queues(4, 8), 4, "as many queues as there are at the most");
	is_int(offload_usable_queues(64, 8), 8, "and not more than processors");
}

int main(void)
{
	test_merging();
	test_queues();
	return tap_done();
}
