/* SPDX-License-Identifier: GPL-2.0-only */
/* Outcomes of packets as rates side by side, drops first and marked. Pure: owns nothing. */
#ifndef TOP_LAYOUT_OUTCOMES_H
#define TOP_LAYOUT_OUTCOMES_H

#include "top/layout_types.h"
#include "top/rows.h"

/* Lines that all outcomes need. */
size_t layout_outcome_lines(const struct layout *layout, const struct rows *rows);

/* Outputs this many lines. */
void layout_draw_outcomes(const struct layout *layout, const struct rows *rows, size_t lines);

#endif
