/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views as JSON values, which the caller owns. The fields are a contract: fields can be added, but
 * not renamed or removed.
 */
#ifndef VIEW_PRINT_JSON_H
#define VIEW_PRINT_JSON_H

#include <jansson.h>

#include "view/view.h"

json_t *json_of_status(const struct view *view);
json_t *json_of_services(const struct view *view);
json_t *json_of_service(const struct view_service *service);
json_t *json_of_backends(const struct view_service *service);

/* A backend, with the name of its service. */
json_t *json_of_backend(const struct view_service *service, const struct view_backend *backend);

/* The services; with `before`, also rates per second over `seconds`. */
json_t *json_of_stats(const struct view *view, const struct view *before, double seconds);

/* The status, rates since `before` (NULL = none), and texts for the status page. */
json_t *json_of_live(const struct view *view, const struct view *before, double seconds,
		     const char *instance);

#endif
