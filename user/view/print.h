/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints views on standard output, as tables or JSON; nothing if the output is quiet. */
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

/* Prints counters or, with `before`, rates per second over `seconds`. */
void print_stats(const struct output *out, const struct view *view, const struct view *before,
		 double seconds);

/*
 * JSON text for the web server: the status, and the status with rates since `before` (NULL = none)
 * and texts for the status page. The caller frees it; NULL = no memory.
 */
char *print_status_dump(const struct view *view);
char *print_live_dump(const struct view *view, const struct view *before, double seconds,
		      const char *instance);

#endif
