/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sampling: looking at an instance again and again, an interval apart, as `stats -i` and
 * `top` do.
 */
#ifndef CLI_SAMPLING_H
#define CLI_SAMPLING_H

#include "cli/command.h"
#include "store/store.h"
#include "view/view.h"

struct sampling {
	double interval; /* in seconds */
	unsigned long count; /* 0 = until somebody ends it */
};

/* By --interval and --count. */
int sampling_parse(struct call *call, struct sampling *sampling);

/* The view of all services, or of the one that was asked for; the caller releases both. */
int sampling_open_view(struct call *call, struct store *store, struct view *view);

void sampling_pause(const struct sampling *sampling);

/* A clock in seconds, to take the time between samples. */
double sampling_now(void);

#endif
