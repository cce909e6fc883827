// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/doctor/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The array grows by doubling: it is full whenever the count is a power of two. */
static struct finding *append_finding(struct doctor *doctor)
{
	struct finding *grown;

	if (!(doctor->count & (doctor->count - 1))) {
		grown = realloc(doctor->findings,
				(doctor->count ? 2 * doctor->count : 1) * sizeof(*grown));
		if (!grown)
			return &doctor->spare;
		doctor->findings = grown;
	}
	return &doctor->findings[doctor->count++];
}

struct finding *finding_add(struct doctor *doctor, const char *id, enum doctor_severity severity,
			    const char *why, const char *format, ...)
{
	struct finding *finding = append_finding(doctor);
	va_list arguments;

	*finding = (struct finding){
		.id = id, .severity = severity, .number = doctor->count, .why = why};
	va_start(arguments, format);
	vsnprintf(finding->message, sizeof(finding->message), format, arguments);
	va_end(arguments);
	return finding;
}

void finding_set_remedy(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->remedy, sizeof(finding->remedy), format, arguments);
	va_end(arguments);
}

void finding_set_interface(struct finding *finding, const char *interface)
{
	snprintf(finding->interface, sizeof(finding->interface), "%s", interface);
}

void finding_set_backend(struct finding *finding, const struct lb_service_config *service,
			 const struct lb_backend_config *backend)
{
	snprintf(finding->service, sizeof(finding->service), "%s", service->name);
	if (backend)
		endpoint_format(backend->address, backend->port, finding->backend,
				sizeof(finding->backend));
}

bool doctor_has_finding(const struct doctor *doctor, const char *id, const char *interface)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (!strcmp(doctor->findings[i].id, id) &&
		    !strcmp(doctor->findings[i].interface, interface))
			return true;
	return false;
}

bool doctor_is_attached(const struct doctor *doctor, const char *interface)
{
	const struct view *view = doctor->view;

	for (size_t i = 0; i < view->interface_count; i++)
		if (!strcmp(view->interfaces[i].name, interface) &&
		    (view->interfaces[i].mode == DATAPATH_NATIVE ||
		     view->interfaces[i].mode == DATAPATH_GENERIC))
			return true;
	return false;
}

static int compare_findings(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

void doctor_sort_findings(struct doctor *doctor)
{
	size_t kept = 0;

	for (size_t i = 0; i < doctor->count; i++) {
		const char *interface = doctor->findings[i].interface;

		if (!doctor->interface || !interface[0] || !strcmp(interface, doctor->interface))
			doctor->findings[kept++] = doctor->findings[i];
	}
	doctor->count = kept;
	if (kept)
		qsort(doctor->findings, kept, sizeof(*doctor->findings), compare_findings);
}

void doctor_release(struct doctor *doctor)
{
	free(doctor->paths);
	free(doctor->connections);
	free(doctor->findings);
}
