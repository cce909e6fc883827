// SPDX-License-Identifier: GPL-2.0-only
/* Offload checks, for features that few machines have. */
#include "netlink/offload.h"

#include "core/tap.h"

static const struct offloads fine = {.rx_queues = 8,
				     .rx_queues_max = 16,
				     .tx_queues = 8,
				     .tx_queues_max = 16,
				     .is_combined = true};

static unsigned int check_native(struct offloads offloads)
{
	return offload_check(&offloads, 8, true);
}

static void test_merging(void)
{
	struct offloads offloads = fine;

	is_int(check_native(offloads), 0, "a queue per CPU without merging has no fault");
	offloads.has_lro = true;
	is_int(check_native(offloads), OFFLOAD_LRO, "LRO is a fault");
	offloads.has_gro_hw = true;
	is_int(check_native(offloads), OFFLOAD_LRO | OFFLOAD_GRO_HW, "hardware GRO is a fault");
	is_int(offload_check(&offloads, 1, false), OFFLOAD_LRO | OFFLOAD_GRO_HW,
	       "merging is a fault in generic mode, on one CPU");
}

static void test_queues(void)
{
	struct offloads offloads = fine;

	offloads.rx_queues = 1;
	is_int(check_native(offloads), OFFLOAD_ONE_RX_QUEUE,
	       "one receive queue of many is a fault");
	is_int(offload_check(&offloads, 1, true), 0, "one receive queue suffices for one CPU");
	offloads.rx_queues_max = 1;
	is_int(check_native(offloads), 0, "a device with one receive queue has no fault");
	offloads = fine;
	offloads.tx_queues = 7;
	is_int(check_native(offloads), OFFLOAD_FEW_TX_QUEUES,
	       "too few transmit queues are a fault");
	is_int(offload_check(&offloads, 8, false), 0,
	       "transmit queues do not matter in generic mode");
	is_int(offload_check(&offloads, 7, true), 0, "a transmit queue per CPU suffices");
	is_int(check_native((struct offloads){0}), 0, "a driver without figures has no fault");
	is_int(offload_usable_queues(4, 8), 4, "usable queues are limited by the device");
	is_int(offload_usable_queues(64, 8), 8, "usable queues are limited by CPUs");
}

int main(void)
{
	test_merging();
	test_queues();
	return tap_done();
}
