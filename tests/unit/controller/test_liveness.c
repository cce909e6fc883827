// SPDX-License-Identifier: GPL-2.0-only
/* Liveness: when the controller is healthy, and the reason when it is not. */
#include "controller/liveness.h"

#include "core/tap.h"

static const char *problem(const struct liveness *liveness, __u64 now_ms)
{
	const char *why = liveness_problem(liveness, now_ms);

	return why ? why : "none";
}

int main(void)
{
	struct liveness liveness = {0};

	is_str(problem(&liveness, 100), "the controller has not completed its first round",
	       "unhealthy before the first tick");
	liveness_ticked(&liveness, 100, false);
	is_str(problem(&liveness, 100), "the controller has not completed its first round",
	       "and after a tick that is not ready");
	liveness_ticked(&liveness, 200, true);
	is_str(problem(&liveness, 200), "none", "healthy once it is ready");
	is_str(problem(&liveness, 200 + LIVENESS_STALLED_MS), "none", "until the last tick is");
	is_str(problem(&liveness, 201 + LIVENESS_STALLED_MS), "the controller is stalled",
	       "more than 5 s old");

	liveness_ticked(&liveness, 10000, true);
	liveness_failed(&liveness, 10000, "starting a probe: Too many open files");
	is_str(problem(&liveness, 10000), "starting a probe: Too many open files",
	       "a failure is reported");
	is_str(problem(&liveness, 9999 + LIVENESS_FAILED_MS),
	       "starting a probe: Too many open files", "for 3 s");
	is_str(problem(&liveness, 10000 + LIVENESS_FAILED_MS), "none", "and no longer");
	return tap_done();
}
