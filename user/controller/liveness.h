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
#define FITNESS_HELD_UP_MS  5000
#define FITNESS_TROUBLED_MS 3000

struct fitness {
	bool is_ready; /* it has done all that was to be done, once */
	__u64 turned_ms;
	__u64 troubled_ms; /* 0 = never */
	char trouble[160];
};

void fitness_turned(struct fitness *fitness, __u64 now_ms, bool is_ready);
void fitness_troubled(struct fitness *fitness, __u64 now_ms, const char *what, const char *why);

/* What keeps it from its work, or makes it of no use; NULL: nothing. */
const char *fitness_ailment(const struct fitness *fitness, __u64 now_ms, bool is_attached);

#endif
