/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints views as tables on standard output. */
#ifndef VIEW_PRINT_TEXT_H
#define VIEW_PRINT_TEXT_H

#include "base/output.h"
#include "view/view.h"

void print_status_text(const struct output *out, const struct view *view, const char *instance);
void print_services_text(const struct output *out, const struct view *view);
void print_service_text(const struct output *out, const struct view_service *service);
void print_backends_text(const struct output *out, const struct view_service *service);
void print_backend_text(const struct view_service *service, const struct view_backend *backend);

#endif
