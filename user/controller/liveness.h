/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Controller liveness, for /healthz: derived from the controller's ticks and failures.
 *
 * Pure: owns nothing. The caller passes the time.
 */
#ifndef CONTROLLER_LIVENESS_H
#define CONTROLLER_LIVENESS_H

#include <linux/types.h>
#include <stdbool.h>

/* Unhealthy if the last tick is older than the first, or a failure younger than the second. */
#define LIVENESS_STALLED_MS 5000
#define LIVENESS_FAILED_MS  3000

struct liveness {
	bool is_ready; /* all work has been done at least once */
	__u64 ticked_ms;
	__u64 failed_ms; /* 0 = never */
	char failure[160];
};

void liveness_ticked(struct liveness *liveness, __u64 now_ms, bool is_ready);
void liveness_failed(struct liveness *liveness, __u64 now_ms, const char *failure);

/* Returns why the controller is not healthy; NULL if it is. */
const char *liveness_problem(const struct liveness *liveness, __u64 now_ms);

#endif
