/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated world: clients, balancers and backends, from one event to the next. The
 * same scenario has the same story, always.
 */
#ifndef WORLD_H
#define WORLD_H

#include "story.h"

/* To be ended by story_end(). */
void world_run(const struct scenario *scenario, struct story *story);

#endif
