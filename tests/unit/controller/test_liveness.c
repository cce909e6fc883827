// SPDX-License-Identifier: GPL-2.0-only
/* When a controller is well, and what it is otherwise. */
#include "controller/liveness.h"

#include "rig/tap.h"

static const char *ailment(const struct fitness *fitness, __u64 now_ms, bool is_attached)
{
	const char *why = fitness_ailment(fitness, now_ms, is_attached);

	return why ? why : "none";
}

int main(void)
{
	struct fitness fitness = {0};

	is_str(ailment(&fitness, 100, true), "the controller has not done its work once yet",
	       "it begins with work to do");
	fitness_turned(&fitness, 100, false);
	is_str(ailment(&fitness, 100, true), "the controller has not done its work once yet",
	       "which one look at it does not end");
	fitness_turned(&fitness, 200, true);
	is_str(ailment(&fitness, 200, true), "none", "once it is done the controller is well,");
	is_str(ailment(&fitness, 200 + FITNESS_HELD_UP_MS, true), "none", "for as long as it");
	is_str(ailment(&fitness, 201 + FITNESS_HELD_UP_MS, true), "the controller is held up",
	       "looks for more, and no longer");

	fitness_turned(&fitness, 10000, true);
	fitness_troubled(&fitness, 10000, "starting a probe", "Too many open files");
	is_str(ailment(&fitness, 10000, true), "starting a probe: Too many open files",
	       "what fails is told");
	is_str(ailment(&fitness, 9999 + FITNESS_TROUBLED_MS, true),
	       "starting a probe: Too many open files", "for a while");
	is_str(ailment(&fitness, 10000 + FITNESS_TROUBLED_MS, true), "none", "and then forgotten");
	is_str(ailment(&fitness, 10000 + FITNESS_TROUBLED_MS, false),
	       "the instance is attached to no interface", "without an interface it is of no use");
	fitness_troubled(&fitness, 14000, "starting a probe", "Too many open files");
	is_str(ailment(&fitness, 14000, false), "starting a probe: Too many open files",
	       "its own trouble is told first");
	return tap_done();
}
