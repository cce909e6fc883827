/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notes below the status table: overrides, failing checks, weight factors, limits, and settings
 * that differ from their defaults.
 */
#ifndef VIEW_NOTES_H
#define VIEW_NOTES_H

#include "base/output.h"
#include "view/view.h"

void print_notes(const struct output *out, const struct view *view);

#endif
