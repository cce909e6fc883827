/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A view as JSON values, which the caller owns. The fields are a contract: they are only ever
 * added to.
 */
#ifndef VIEW_PRINT_JSON_H
#define VIEW_PRINT_JSON_H

#include <jansson.h>

#include "view/view.h"

json_t *json_of_status(const struct view *view);
json_t *json_of_services(const struct view *view);
json_t *json_of_service(const struct view_service *service);
json_t *json_of_backends(const struct view_service *service);

/* One backend, with its service's name. */
json_t *json_of_backend(const struct view_service *service, const struct view_backend *backend);

/* The services; with `before` (or NULL) also the rates per second since then. */
json_t *json_of_stats(const struct view *view, const struct view *before, double seconds);

/* The status, the rates since `before` (NULL: not known), and what a status page shows beside. */
json_t *json_of_live(const struct view *view, const struct view *before, double seconds,
		     const char *instance);

#endif
