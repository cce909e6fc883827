// SPDX-License-Identifier: GPL-2.0-only
#include "controller/liveness.h"

#include <stddef.h>
#include <stdio.h>

void fitness_turned(struct fitness *fitness, __u64 now_ms, bool is_ready)
{
	fitness->is_ready = is_ready;
	fitness->turned_ms = now_ms;
}

void fitness_troubled(struct fitness *fitness, __u64 now_ms, const char *what, const char *why)
{
	fitness->troubled_ms = now_ms;
	snprintf(fitness->trouble, sizeof(fitness->trouble), "%s: %s", what, why);
}

const char *fitness_ailment(const struct fitness *fitness, __u64 now_ms, bool is_attached)
{
	if (!fitness->is_ready)
		return "the controller has not done its work once yet";
	if (now_ms - fitness->turned_ms > FITNESS_HELD_UP_MS)
		return "the controller is held up";
	if (fitness->troubled_ms && now_ms - fitness->troubled_ms < FITNESS_TROUBLED_MS)
		return fitness->trouble;
	return is_attached ? NULL : "the instance is attached to no interface";
}
