/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fitness: does the controller do its work? Whoever sees it is told: that it has looked whether
 * something is to be done, and that something failed.
 *
 * Pure: owns nothing, and is told the time.
 */
#ifndef CONTROLLER_LIVENESS_H
#define CONTROLLER_LIVENESS_H

#include <linux/types.h>
#include <stdbool.h>

/* It has not looked for longer than this, or something failed no longer ago. */
#define LIVENESS_STALLED_MS 5000
#define LIVENESS_FAILED_MS  3000

struct liveness {
	bool is_ready; /* it has done all that was to be done, once */
	__u64 ticked_ms;
	__u64 failed_ms; /* 0 = never */
	char failure[160];
};

void liveness_ticked(struct liveness *liveness, __u64 now_ms, bool is_ready);
void liveness_failed(struct liveness *liveness, __u64 now_ms, const char *what, const char *why);

/* What keeps it from its work, or makes it of no use; NULL: nothing. */
const char *liveness_problem(const struct liveness *liveness, __u64 now_ms, bool is_attached);

#endif
