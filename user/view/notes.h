/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notes of the status: what deviates from the configuration and from defaults, for which the
 * table of services and backends has no column.
 */
#ifndef VIEW_NOTES_H
#define VIEW_NOTES_H

#include "base/output.h"
#include "view/view.h"

void print_notes(const struct output *out, const struct view *view);

#endif
