// SPDX-License-Identifier: GPL-2.0-only
#include <libsmartcols.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "view/feedback_print.h"
#include "view/notes.h"
#include "view/print_text.h"
#include "view/table.h"

#define AGE_BYTES 32

/* The table of services and backends, without traffic and latency. */
static const struct column pool_columns[] = {
	{"SERVICE / BACKEND", SCOLS_FL_TREE},
	{"SCHEDULER", 0},
	{"STATE", 0},
	{"HEALTH", 0},
	{"WEIGHT", SCOLS_FL_RIGHT},
	{"EFFECTIVE", SCOLS_FL_RIGHT},
	{NULL, 0},
};

enum pool_column {
	POOL_NAME,
	POOL_SCHEDULER,
	POOL_STATE,
	POOL_HEALTH,
	POOL_WEIGHT,
	POOL_EFFECTIVE,
	POOL_TRAFFIC,
	POOL_P50 = POOL_TRAFFIC + TRAFFIC_COLUMNS,
};

/* Columns that are hidden on narrow terminals; pipes and JSON have all. */
static const int optional[] = {
	POOL_TRAFFIC + TRAFFIC_REPLY_BYTES,
	POOL_TRAFFIC + TRAFFIC_BYTES,
	POOL_TRAFFIC + TRAFFIC_REPLIES,
	POOL_TRAFFIC + TRAFFIC_NEW,
	POOL_TRAFFIC + TRAFFIC_PACKETS,
	POOL_SCHEDULER,
	-1,
};

static struct libscols_table *create_pool(const struct output *out, const struct view *view)
{
	struct libscols_table *table = table_create(out->color, pool_columns);

	table_add_traffic_columns(table, "");
	table_add_latency_columns(table, view);
	return table;
}

/* Totals are rates per second of one second that began at 0. */
static void put_traffic(struct libscols_line *line, const struct lb_traffic *traffic, __u64 flows)
{
	struct traffic_rate total = traffic_rate_since(traffic, NULL, 1);

	table_set_traffic(line, POOL_TRAFFIC, &total, flows);
}

static void put_backend(struct libscols_table *table, struct libscols_line *parent,
			const struct view_backend *backend)
{
	struct libscols_line *line = scols_table_new_line(table, parent);
	const struct lb_backend_config *config = backend->config;
	char endpoint[ENDPOINT_TEXT_BYTES];

	endpoint_format(config->address, config->port, endpoint, sizeof(endpoint));
	table_set_cell(line, POOL_NAME, "%s", endpoint);
	table_set_cell(line, POOL_STATE, "%s", state_name(config->state));
	table_set_cell(line, POOL_HEALTH, "%s", health_name(config->health));
	table_set_cell(line, POOL_WEIGHT, "%u", config->weight);
	table_set_cell(line, POOL_EFFECTIVE, "%g", backend->effective_weight);
	put_traffic(line, &backend->traffic, backend->flows);
	table_set_latency(line, POOL_P50, view_latency(backend, NULL));
	table_set_color(line, table_backend_color(config));
}

static void put_spilled(struct libscols_table *table, struct libscols_line *parent,
			const struct view_service *service)
{
	struct libscols_line *line = scols_table_new_line(table, parent);

	table_set_cell(line, POOL_NAME, "spilled to %s", service->config->spill);
	put_traffic(line, &service->spilled, service->spilled_flows);
}

static void put_service(struct libscols_table *table, const struct view_service *service)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	const struct lb_service_config *config = service->config;
	char endpoint[ENDPOINT_TEXT_BYTES];

	endpoint_format(config->address, config->port, endpoint, sizeof(endpoint));
	table_set_cell(line, POOL_NAME, "%s %s/%s", config->name, endpoint,
		       protocol_name(config->protocol));
	table_set_cell(line, POOL_SCHEDULER, "%s", scheduler_name(config->scheduler));
	if (service->fails_open) {
		table_set_cell(line, POOL_HEALTH, "FAIL OPEN");
		scols_line_set_color(line, "red");
	}
	put_traffic(line, &service->traffic, service->flows);
	for (size_t i = 0; i < service->backend_count; i++)
		put_backend(table, line, &service->backends[i]);
	if (config->spill[0])
		put_spilled(table, line, service);
}

static void print_pool(const struct output *out, const struct view *view)
{
	struct libscols_table *table = create_pool(out, view);

	for (size_t i = 0; i < view->service_count; i++)
		put_service(table, &view->services[i]);
	table_fit(table, optional);
	table_print(table);
}

static void print_outcomes(const struct output *out, const struct view *view)
{
	static const struct column columns[] = {
		{"OUTCOME", 0}, {"PACKETS", SCOLS_FL_RIGHT}, {"MEANING", SCOLS_FL_WRAP}, {NULL, 0}};
	struct libscols_table *table = table_create(out->color, columns);

	for (int i = 0; i < LB_OUTCOME_COUNT; i++) {
		struct libscols_line *line;

		if (!view->outcomes.count[i] && i > LB_PASSED)
			continue;
		line = scols_table_new_line(table, NULL);
		table_set_cell(line, 0, "%s", outcome_name(i));
		table_set_cell(line, 1, "%llu", view->outcomes.count[i]);
		table_set_cell(line, 2, "%s", outcome_describe(i));
	}
	table_print(table);
}

static bool needs_controller(const struct view *view)
{
	bool needed = false;

	for (size_t i = 0; i < view->service_count; i++)
		needed |= view->services[i].config->check[0] ||
			  view->services[i].config->feedback != LB_FEEDBACK_OFF;
	return needed;
}

void print_status_text(const struct output *out, const struct view *view, const char *instance)
{
	printf("instance %s, generation %llu, attached to", instance, view->generation);
	for (size_t i = 0; i < view->interface_count; i++)
		printf("%s %s (%s)", i ? "," : "", view->interfaces[i].name,
		       mode_name(view->interfaces[i].mode));
	puts(view->interface_count ? "" : " nothing");
	if (view->controller)
		printf("controller %u\n", view->controller);
	else if (needs_controller(view))
		puts("no controller: checks and latency feedback are not running (lbctl run)");
	putchar('\n');
	print_pool(out, view);
	if (!view->service_count)
		puts("no services (lbctl service add NAME VIP:PORT/PROTO)");
	print_notes(out, view);
	putchar('\n');
	print_outcomes(out, view);
}

void print_services_text(const struct output *out, const struct view *view)
{
	static const struct column columns[] = {{"NAME", 0},
						{"ADDRESS", 0},
						{"SCHEDULER", 0},
						{"FORWARD", 0},
						{"BACKENDS", SCOLS_FL_RIGHT},
						{"FLOWS", SCOLS_FL_RIGHT},
						{NULL, 0}};
	struct libscols_table *table = table_create(out->color, columns);

	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];
		struct libscols_line *line = scols_table_new_line(table, NULL);
		char endpoint[ENDPOINT_TEXT_BYTES];

		endpoint_format(service->config->address, service->config->port, endpoint,
				sizeof(endpoint));
		table_set_cell(line, 0, "%s", service->config->name);
		table_set_cell(line, 1, "%s/%s", endpoint,
			       protocol_name(service->config->protocol));
		table_set_cell(line, 2, "%s", scheduler_name(service->config->scheduler));
		table_set_cell(line, 3, "%s", forward_name(service->config->forward));
		table_set_cell(line, 4, "%zu", service->backend_count);
		table_set_cell(line, 5, "%llu", service->flows);
	}
	table_print(table);
}

void print_service_text(const struct output *out, const struct view_service *service)
{
	const struct lb_service_config *config = service->config;
	const struct view single = {.services = (struct view_service *)service, .service_count = 1};
	char endpoint[ENDPOINT_TEXT_BYTES];

	endpoint_format(config->address, config->port, endpoint, sizeof(endpoint));
	printf("%-20s %s\n", "name", config->name);
	printf("%-20s %s/%s\n", "vip", endpoint, protocol_name(config->protocol));
	for (const struct service_setting *setting = service_settings; setting->name; setting++) {
		char value[SETTING_TEXT_BYTES];

		service_setting_format(setting, config, value);
		printf("%-20s %s\n", setting->name, value);
	}
	putchar('\n');
	print_pool(out, &single);
}

void print_backends_text(const struct output *out, const struct view_service *service)
{
	const struct view single = {.services = (struct view_service *)service, .service_count = 1};
	struct libscols_table *table = create_pool(out, &single);

	for (size_t i = 0; i < service->backend_count; i++)
		put_backend(table, NULL, &service->backends[i]);
	scols_column_set_flags(scols_table_get_column(table, POOL_SCHEDULER), SCOLS_FL_HIDDEN);
	table_fit(table, optional);
	table_print(table);
}

/* "12s ago" */
static void format_age(__u64 then_ms, char text[AGE_BYTES])
{
	__u64 now_ms = clock_realtime_ms();
	__u64 age_s = now_ms > then_ms ? (now_ms - then_ms) / 1000 : 0;

	if (age_s < 120)
		snprintf(text, AGE_BYTES, "%llus ago", age_s);
	else if (age_s < 7200)
		snprintf(text, AGE_BYTES, "%llum ago", age_s / 60);
	else
		snprintf(text, AGE_BYTES, "%lluh ago", age_s / 3600);
}

static void print_health_record(const struct lb_health_record *health_record)
{
	char age[AGE_BYTES];

	if (!health_record->probed_ms)
		return;
	format_age(health_record->probed_ms, age);
	printf("%-20s %s, %s (%u in a row, %s)\n", "last probe",
	       health_record->passed ? "passed" : "failed", health_record->reason,
	       health_record->streak, age);
	if (health_record->changed_ms) {
		format_age(health_record->changed_ms, age);
		printf("%-20s %s%s\n", "health changed", age,
		       health_record->flapping ? ", flapping" : "");
	}
}

void print_backend_text(const struct view_service *service, const struct view_backend *backend)
{
	const struct lb_backend_config *config = backend->config;
	char endpoint[ENDPOINT_TEXT_BYTES], latency_text[80];

	endpoint_format(config->address, config->port, endpoint, sizeof(endpoint));
	printf("%-20s %s of %s\n", "backend", endpoint, service->config->name);
	printf("%-20s %s%s\n", "state", state_name(config->state),
	       config->reset ? ", TCP flows are reset" : "");
	printf("%-20s %s\n", "health", health_name(config->health));
	print_health_record(backend->health_record);
	printf("%-20s %u\n", "weight", config->weight);
	if (config->override_milli != LB_NO_OVERRIDE)
		printf("%-20s %g\n", "override", config->override_milli / 1000.0);
	if (config->slow_start_milli)
		printf("%-20s x %g\n", "slow start", config->slow_start_milli / 1000.0);
	if (config->latency_milli)
		printf("%-20s x %g\n", "latency factor", config->latency_milli / 1000.0);
	if (service->config->feedback != LB_FEEDBACK_OFF)
		print_feedback_text(backend->feedback_record, service->config->feedback);
	printf("%-20s %g%s\n", "effective weight", backend->effective_weight,
	       service->fails_open ? " (all backends are down: health is ignored)" : "");
	printf("%-20s %llu now, %llu total\n", "flows", backend->flows, backend->traffic.new_flows);
	if (backend->spilled_flows)
		printf("%-20s %llu now, from other services\n", "spilled flows",
		       backend->spilled_flows);
	if (config->max_flows)
		printf("%-20s %u\n", "flow limit", config->max_flows);
	printf("%-20s %llu packets, %llu bytes\n", "requests", backend->traffic.packets,
	       backend->traffic.bytes);
	printf("%-20s %llu packets, %llu bytes\n", "replies", backend->traffic.reply_packets,
	       backend->traffic.reply_bytes);
	latency_describe(view_latency(backend, NULL), latency_text, sizeof(latency_text));
	if (backend->latency.sum_us)
		printf("%-20s %s\n", "response time", latency_text);
}
