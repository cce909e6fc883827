/* SPDX-License-Identifier: GPL-2.0-only */
/* Repeated views of an instance at an interval, for `stats -i` and `top`. */
#ifndef CLI_SAMPLING_H
#define CLI_SAMPLING_H

#include "cli/command.h"
#include "store/store.h"
#include "view/view.h"

struct sampling {
	double interval; /* in seconds */
	unsigned long count; /* 0 = no limit */
};

/* Reads --interval and --count. Returns 0, or the exit code of call->problem. */
int sampling_parse(struct call *call, struct sampling *sampling);

/*
 * Opens the store and collects the view of all services, or of the service in the call's first
 * argument. Returns 0, and the caller releases both; or the exit code of call->problem.
 */
int sampling_open_view(struct call *call, struct store *store, struct view *view);

/* Sleeps for one interval. */
void sampling_pause(const struct sampling *sampling);

/* Monotonic time in seconds. */
double sampling_now(void);

/* Seconds between two samples. At least the shortest interval, if the clock did not advance. */
double sampling_seconds(double since, double now);

#endif
