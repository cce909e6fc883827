// SPDX-License-Identifier: GPL-2.0-only
#include "view/print.h"

#include "view/json.h"
#include "view/print_json.h"
#include "view/print_text.h"
#include "view/stats.h"

void print_status(const struct output *out, const struct view *view, const char *instance)
{
	if (out->json)
		json_print(out, json_of_status(view));
	else if (!out->quiet)
		print_status_text(out, view, instance);
}

void print_services(const struct output *out, const struct view *view)
{
	if (out->json)
		json_print(out, json_of_services(view));
	else if (!out->quiet)
		print_services_text(out, view);
}

void print_service(const struct output *out, const struct view_service *service)
{
	if (out->json)
		json_print(out, json_of_service(service));
	else if (!out->quiet)
		print_service_text(out, service);
}

void print_backends(const struct output *out, const struct view_service *service)
{
	if (out->json)
		json_print(out, json_of_backends(service));
	else if (!out->quiet)
		print_backends_text(out, service);
}

void print_backend(const struct output *out, const struct view_service *service,
		   const struct view_backend *backend)
{
	if (out->json)
		json_print(out, json_of_backend(service, backend));
	else if (!out->quiet)
		print_backend_text(service, backend);
}

void print_stats(const struct output *out, const struct view *view, const struct view *before,
		 double seconds)
{
	if (out->json)
		json_print(out, json_of_stats(view, before, seconds));
	else if (!out->quiet)
		print_stats_text(out, view, before, seconds);
}

char *print_status_dump(const struct view *view)
{
	return json_write(json_of_status(view), JSON_COMPACT);
}

char *print_live_dump(const struct view *view, const struct view *before, double seconds,
		      const char *instance)
{
	return json_write(json_of_live(view, before, seconds, instance), JSON_COMPACT);
}
