// SPDX-License-Identifier: GPL-2.0-only
#include "model/scheduler.h"

enum lb_pick scheduler_pick(enum lb_scheduler scheduler)
{
	switch (scheduler) {
	case LB_SCHEDULER_RANDOM:
		return LB_PICK_RANDOM;
	case LB_SCHEDULER_MAGLEV:
		return LB_PICK_FLOW_HASH;
	case LB_SCHEDULER_SOURCE:
		return LB_PICK_SOURCE_HASH;
	case LB_SCHEDULER_P2C:
		return LB_PICK_P2C;
	case LB_SCHEDULER_LC:
		return LB_PICK_LC;
	case LB_SCHEDULER_LRT:
		return LB_PICK_LRT;
	default:
		return LB_PICK_NEXT;
	}
}

bool scheduler_is_hash(enum lb_scheduler scheduler)
{
	return scheduler == LB_SCHEDULER_MAGLEV || scheduler == LB_SCHEDULER_SOURCE;
}

__u32 scheduler_flags(const struct lb_service_config *service)
{
	if (scheduler_pick(service->scheduler) < LB_PICK_P2C)
		return 0;
	return LB_BACKEND_COUNTED | (service->scheduler == LB_SCHEDULER_LRT ? LB_BACKEND_TIMED : 0);
}
