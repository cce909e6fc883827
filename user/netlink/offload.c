// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/offload.h"

unsigned int offload_check(const struct offloads *offloads, __u32 processors, bool is_native)
{
	unsigned int faults = 0;

	if (offloads->has_lro)
		faults |= OFFLOAD_LRO;
	if (offloads->has_gro_hw)
		faults |= OFFLOAD_GRO_HW;
	if (offloads->rx_queues == 1 && offloads->rx_queues_max > 1 && processors > 1)
		faults |= OFFLOAD_ONE_RX_QUEUE;
	if (is_native && offloads->tx_queues && offloads->tx_queues < processors)
		faults |= OFFLOAD_FEW_TX_QUEUES;
	return faults;
}

__u32 offload_usable_queues(__u32 max, __u32 processors)
{
	return max < processors ? max : processors;
}
