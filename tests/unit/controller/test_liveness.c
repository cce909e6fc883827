// SPDX-License-Identifier: GPL-2.0-only
/* When a controller is well, and what it is otherwise. */
#include "controller/liveness.h"

#include "core/tap.h"

static const char *problem(const struct liveness *liveness, __u64 now_ms, bool is_attached)
{
	const char *why = liveness_problem(liveness, now_ms, is_attached);

	return why ? why : "none";
}

int main(void)
{
	struct liveness liveness = {0};

	is_str(problem(&liveness, 100, true), "the controller has not done its work once yet",
	       "it begins with work to do");
	liveness_ticked(&liveness, 100, false);
	is_str(problem(&liveness, 100, true), "the controller has not done its work once yet",
	       "which one look at it does not end");
	liveness_ticked(&liveness, 200, true);
	is_str(problem(&liveness, 200, true), "none", "once it is done the controller is well,");
	is_str(problem(&liveness, 200 + LIVENESS_STALLED_MS, true), "none", "for as long as it");
	is_str(problem(&liveness, 201 + LIVENESS_STALLED_MS, true), "the controller is held up",
	       "looks for more, and no longer");

	liveness_ticked(&liveness, 10000, true);
	liveness_failed(&liveness, 10000, "starting a probe", "Too many open files");
	is_str(problem(&liveness, 10000, true), "starting a probe: Too many open files",
	       "what fails is told");
	is_str(problem(&liveness, 9999 + LIVENESS_FAILED_MS, true),
	       "starting a probe: Too many open files", "for a while");
	is_str(problem(&liveness, 10000 + LIVENESS_FAILED_MS, true), "none", "and then forgotten");
	is_str(problem(&liveness, 10000 + LIVENESS_FAILED_MS, false),
	       "the instance is attached to no interface", "without an interface it is of no use");
	liveness_failed(&liveness, 14000, "starting a probe", "Too many open files");
	is_str(problem(&liveness, 14000, false), "starting a probe: Too many open files",
	       "its own trouble is told first");
	return tap_done();
}
