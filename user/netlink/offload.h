/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks NIC offloads and queue counts for settings that break or slow XDP.
 *
 * Pure: owns nothing. interface_offloads() reads the values.
 */
#ifndef NETLINK_OFFLOAD_H
#define NETLINK_OFFLOAD_H

#include <linux/types.h>
#include <stdbool.h>

struct offloads {
	bool has_lro; /* hardware merges packets and cannot restore them */
	bool has_gro_hw; /* hardware merges packets that can be split again */
	/* Combined queues count in both directions. All 0: the driver does not report them. */
	__u32 rx_queues, rx_queues_max;
	__u32 tx_queues, tx_queues_max;
	bool is_combined; /* its queues both receive and send */
};

/* Bits of offload_check()'s result. */
enum offload_fault {
	OFFLOAD_LRO = 1,
	OFFLOAD_GRO_HW = 2,
	OFFLOAD_ONE_RX_QUEUE = 4, /* one CPU receives all packets */
	OFFLOAD_FEW_TX_QUEUES = 8, /* CPUs share transmit queues, with locking */
};

/* Returns the faults on a host with this number of CPUs, in native mode or in generic mode. */
unsigned int offload_check(const struct offloads *offloads, __u32 processors, bool is_native);

/* Returns the number of queues to configure: one per CPU, up to the device's maximum. */
__u32 offload_usable_queues(__u32 max, __u32 processors);

#endif
