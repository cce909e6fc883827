/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floors: the programs of floor.bpf.c, loaded and provided with what they need.
 */
#ifndef FLOORS_H
#define FLOORS_H

#include "subject.h"

struct floor;

/* Adds the floors, and names the two that limits are made of. */
void floors_add(struct subjects *subjects, const struct rig *rig);

/* What to subtract from a replay's time: the same replay of nothing. */
struct subject *floors_base(struct subjects *subjects, bool v6, enum replay_side side);

#endif
