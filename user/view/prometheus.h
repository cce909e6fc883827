/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints the view of an instance in the Prometheus text format 0.0.4. */
#ifndef VIEW_PROMETHEUS_H
#define VIEW_PROMETHEUS_H

#include <stdio.h>

struct view;

void prometheus_print(FILE *stream, const struct view *view, const char *instance);

#endif
