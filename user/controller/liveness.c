// SPDX-License-Identifier: GPL-2.0-only
#include "controller/liveness.h"

#include <stddef.h>
#include <stdio.h>

void liveness_ticked(struct liveness *liveness, __u64 now_ms, bool is_ready)
{
	liveness->is_ready = is_ready;
	liveness->ticked_ms = now_ms;
}

void liveness_failed(struct liveness *liveness, __u64 now_ms, const char *failure)
{
	liveness->failed_ms = now_ms;
	snprintf(liveness->failure, sizeof(liveness->failure), "%s", failure);
}

const char *liveness_problem(const struct liveness *liveness, __u64 now_ms)
{
	if (!liveness->is_ready)
		return "the controller has not completed its first round";
	if (now_ms - liveness->ticked_ms > LIVENESS_STALLED_MS)
		return "the controller is stalled";
	if (liveness->failed_ms && now_ms - liveness->failed_ms < LIVENESS_FAILED_MS)
		return liveness->failure;
	return NULL;
}
