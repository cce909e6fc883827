// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/offload.h"

unsigned int offload_judge(const struct offloads *offloads, __u32 processors, bool is_native)
{
	unsigned int faults = 0;

	if (offloads->has_lro)
		faults |= OFFLOAD_LRO;
	if (offloads->has_gro_hw)
		faults |= OFFLOAD_GRO_HW;
	if (offloads->receivers == 1 && offloads->receivers_most > 1 && processors > 1)
		faults |= OFFLOAD_ONE_RECEIVER;
	if (is_native && offloads->senders && offloads->senders < processors)
		faults |= OFFLOAD_FEW_SENDERS;
	return faults;
}

__u32 offload_queues(__u32 most, __u32 processors)
{
	return most < processors ? most : processors;
}
