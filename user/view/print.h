/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints views on standard output, for people (tables) or for scripts (JSON), as the output
 * says. Prints nothing where the output is quiet.
 */
#ifndef VIEW_PRINT_H
#define VIEW_PRINT_H

#include "base/output.h"
#include "view/view.h"

void print_status(const struct output *out, const struct view *view, const char *instance);
void print_services(const struct output *out, const struct view *view);
void print_service(const struct output *out, const struct view_service *service);
void print_backends(const struct output *out, const struct view_service *service);
void print_backend(const struct output *out, const struct view_service *service,
		   const struct view_backend *backend);

/* Counters; with `before` what they gained per second in so many seconds. */
void print_stats(const struct output *out, const struct view *view, const struct view *before,
		 double seconds);

/*
 * JSON text for the web, which the caller owns; NULL: no memory. The status, and the same with
 * the rates since `before` (NULL: not known) and what a status page shows beside.
 */
char *print_status_dump(const struct view *view);
char *print_live_dump(const struct view *view, const struct view *before, double seconds,
		      const char *instance);

#endif
