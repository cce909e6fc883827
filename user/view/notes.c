// SPDX-License-Identifier: GPL-2.0-only
#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "view/notes.h"
#include "view/table.h"

/* The notes of a service or backend, in one line. */
struct note {
	char text[1024];
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void append(struct note *note, const char *format, ...)
{
	va_list arguments;
	int length = snprintf(note->text + note->length, sizeof(note->text) - note->length, "%s",
			      note->length ? ", " : "");

	note->length += length;
	if (note->length >= sizeof(note->text))
		return;
	va_start(arguments, format);
	note->length += vsnprintf(note->text + note->length, sizeof(note->text) - note->length,
				  format, arguments);
	va_end(arguments);
	if (note->length >= sizeof(note->text))
		note->length = sizeof(note->text) - 1;
}

/* A setting that differs from its default; the scheduler has a column of its own. */
static void note_setting(void *note, const struct service_setting *setting,
			 const char *default_value, const char *value)
{
	(void)default_value;
	if (strcmp(setting->name, "scheduler"))
		append(note, "%s %s", setting->name, value);
}

/* Run-time overrides of the configuration. */
static void note_overrides(struct note *note, const struct lb_backend_config *config)
{
	if (config->state != config->configured_state)
		append(note, "%s by command (configured: %s)", state_name(config->state),
		       state_name(config->configured_state));
	if (config->override_milli != LB_NO_OVERRIDE)
		append(note, "weight %g by command (configured: %u)",
		       config->override_milli / 1000.0, config->weight);
	if (config->reset)
		append(note, "TCP flows are reset");
}

static void note_health(struct note *note, const struct lb_health_record *health_record)
{
	if (!health_record->probed_ms)
		return;
	if (!health_record->passed)
		append(note, "last probe failed: %s (%u in a row)", health_record->reason,
		       health_record->streak);
	if (health_record->flapping)
		append(note, "flapping");
}

static void note_backend(struct note *note, const struct view_service *service,
			 const struct view_backend *backend)
{
	const struct lb_backend_config *config = backend->config;

	note_overrides(note, config);
	if (service->config->check[0])
		note_health(note, backend->health_record);
	if (config->slow_start_milli)
		append(note, "slow start x %g", config->slow_start_milli / 1000.0);
	if (config->latency_milli)
		append(note, "latency factor x %g", config->latency_milli / 1000.0);
	else if (backend->feedback_record->factor_milli)
		append(note, "latency factor would be x %g",
		       backend->feedback_record->factor_milli / 1000.0);
	if (config->max_flows)
		append(note, "limit %u flows", config->max_flows);
	if (backend->spilled_flows)
		append(note, "%llu flows spilled from other services", backend->spilled_flows);
}

static void add_row(struct libscols_table *table, const char *service, const char *backend,
		    const struct note *note, const char *color)
{
	struct libscols_line *line;

	if (!note->length)
		return;
	line = scols_table_new_line(table, NULL);
	table_set_cell(line, 0, "%s%s%s", service, backend ? " " : "", backend ? backend : "");
	scols_line_set_data(line, 1, note->text);
	table_set_color(line, color);
}

static void add_backend_row(struct libscols_table *table, const struct view_service *service,
			    const struct view_backend *backend)
{
	const struct lb_backend_config *config = backend->config;
	char endpoint[ENDPOINT_TEXT_BYTES];
	struct note note = {0};

	note_backend(&note, service, backend);
	endpoint_format(config->address, config->port, endpoint, sizeof(endpoint));
	add_row(table, service->config->name, endpoint, &note, table_backend_color(config));
}

void print_notes(const struct output *out, const struct view *view)
{
	static const struct column columns[] = {{"OF", 0}, {"NOTE", SCOLS_FL_WRAP}, {NULL, 0}};
	struct libscols_table *table = table_create(out->color, columns);

	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];
		struct note note = {0};

		if (service->fails_open)
			append(&note, "all backends are down: health is ignored");
		service_settings_each_changed(service->config, note_setting, &note);
		add_row(table, service->config->name, NULL, &note,
			service->fails_open ? "red" : NULL);
		for (size_t j = 0; j < service->backend_count; j++)
			add_backend_row(table, service, &service->backends[j]);
	}
	if (scols_table_get_nlines(table))
		putchar('\n');
	table_print(table);
}
