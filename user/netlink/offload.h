/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an interface does by itself with packets, before a program sees them or after, and by
 * how many queues: what of it is in the way of XDP.
 *
 * Pure: owns nothing. Who asks the kernel is interface_offloads().
 */
#ifndef NETLINK_OFFLOAD_H
#define NETLINK_OFFLOAD_H

#include <linux/types.h>
#include <stdbool.h>

struct offloads {
	bool has_lro; /* packets are merged in hardware, by guess */
	bool has_gro_hw; /* the same, so that they can be taken apart again */
	/* Queues, those that do both counted for both; all 0 = the driver does not say. */
	__u32 rx_queues, rx_queues_max;
	__u32 tx_queues, tx_queues_max;
	bool is_combined; /* its queues do both */
};

/* Bits of what is found. */
enum offload_fault {
	OFFLOAD_LRO = 1,
	OFFLOAD_GRO_HW = 2,
	OFFLOAD_ONE_RX_QUEUE = 4, /* one processor has to do all */
	OFFLOAD_FEW_TX_QUEUES = 8, /* processors share queues to send by */
};

/* What is wrong on a host of so many processors, or would be, in native mode or not. */
unsigned int offload_check(const struct offloads *offloads, __u32 processors, bool is_native);

/* As many queues as are of use, and may be had. */
__u32 offload_usable_queues(__u32 max, __u32 processors);

#endif
