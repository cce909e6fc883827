// SPDX-License-Identifier: GPL-2.0-only
#include <libsmartcols.h>
#include <stdio.h>
#include <string.h>

#include "view/print.h"
#include "view/table.h"

static const struct column pool_columns[] = {
	{"SERVICE / BACKEND", SCOLS_FL_TREE},
	{"SCHEDULER", 0},
	{"STATE", 0},
	{"HEALTH", 0},
	{"WEIGHT", SCOLS_FL_RIGHT},
	{"EFFECTIVE", SCOLS_FL_RIGHT},
	{"FLOWS", SCOLS_FL_RIGHT},
	{"NEW", SCOLS_FL_RIGHT},
	{"PACKETS", SCOLS_FL_RIGHT},
	{"BYTES", SCOLS_FL_RIGHT},
	{"REPLIES", SCOLS_FL_RIGHT},
	{"REPLY BYTES", SCOLS_FL_RIGHT},
	{NULL, 0},
};

enum pool_column {
	POOL_NAME,
	POOL_SCHEDULER,
	POOL_STATE,
	POOL_HEALTH,
	POOL_WEIGHT,
	POOL_EFFECTIVE,
	POOL_FLOWS,
	POOL_NEW,
	POOL_PACKETS,
	POOL_BYTES,
	POOL_REPLIES,
	POOL_REPLY_BYTES,
	POOL_P50,
};

/* What a narrow terminal can do without; JSON and pipes have everything. */
static const int dispensable[] = {
	POOL_REPLY_BYTES, POOL_BYTES, POOL_REPLIES, POOL_NEW, POOL_PACKETS, POOL_SCHEDULER, -1};

static void put_traffic(struct libscols_line *line, const struct lb_traffic *traffic, __u64 flows)
{
	columns_cell(line, POOL_FLOWS, "%llu", flows);
	columns_cell(line, POOL_NEW, "%llu", traffic->new_flows);
	columns_cell(line, POOL_PACKETS, "%llu", traffic->packets);
	columns_cell(line, POOL_BYTES, "%llu", traffic->bytes);
	columns_cell(line, POOL_REPLIES, "%llu", traffic->reply_packets);
	columns_cell(line, POOL_REPLY_BYTES, "%llu", traffic->reply_bytes);
}

const char *report_backend_color(const struct lb_backend_config *config)
{
	if (config->health == LB_HEALTH_DOWN)
		return "red";
	return config->state == LB_STATE_READY ? NULL : "yellow";
}

static void put_backend(struct libscols_table *table, struct libscols_line *parent,
			const struct view_backend *backend)
{
	struct libscols_line *line = scols_table_new_line(table, parent);
	const struct lb_backend_config *config = backend->config;
	char endpoint[ENDPOINT_TEXT_BYTES];

	endpoint_format(config->address, config->port, endpoint, sizeof(endpoint));
	columns_cell(line, POOL_NAME, "%s", endpoint);
	columns_cell(line, POOL_STATE, "%s", state_name(config->state));
	columns_cell(line, POOL_HEALTH, "%s", health_name(config->health));
	columns_cell(line, POOL_WEIGHT, "%u", config->weight);
	columns_cell(line, POOL_EFFECTIVE, "%g", backend->effective_weight);
	put_traffic(line, &backend->traffic, backend->flows);
	columns_put_latency(line, POOL_P50, view_latency(backend, NULL));
	columns_color(line, report_backend_color(config));
}

static void put_spilled(struct libscols_table *table, struct libscols_line *parent,
			const struct view_service *service)
{
	struct libscols_line *line = scols_table_new_line(table, parent);

	columns_cell(line, POOL_NAME, "spilled to %s", service->config->spill);
	put_traffic(line, &service->spilled, service->spilled_flows);
}

static void put_service(struct libscols_table *table, const struct view_service *service)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	const struct lb_service_config *config = service->config;
	char endpoint[ENDPOINT_TEXT_BYTES];

	endpoint_format(config->address, config->port, endpoint, sizeof(endpoint));
	columns_cell(line, POOL_NAME, "%s %s/%s", config->name, endpoint,
		     protocol_name(config->protocol));
	columns_cell(line, POOL_SCHEDULER, "%s", scheduler_name(config->scheduler));
	if (service->fails_open) {
		columns_cell(line, POOL_HEALTH, "FAIL OPEN");
		scols_line_set_color(line, "red");
	}
	put_traffic(line, &service->traffic, service->flows);
	for (size_t i = 0; i < service->backend_count; i++)
		put_backend(table, line, &service->backends[i]);
	if (config->spill[0])
		put_spilled(table, line, service);
}

static void problem(const struct call *call)
{
	const struct problem *problem = &call->problem;
	const struct verb *verb = call->verb;

	if (!problem->is_placed)
		fprintf(stderr, "lbctl: ");
	if (verb && !problem->is_placed)
		fprintf(stderr, "%s%s%s: ", verb->object ? verb->object : "",
			verb->object ? " " : "", verb->name);
	fprintf(stderr, "%s\n", problem->message);
	if (problem->hint[0])
		fprintf(stderr, "hint: %s\n", problem->hint);
}

static void warning(const struct call *call, const char *id, const char *message, const char *hint)
{
	(void)id;
	fprintf(stderr, "lbctl: %s: warning: %s\n", call->verb->name, message);
	if (hint)
		fprintf(stderr, "hint: %s\n", hint);
}

static void remark(const struct call *call, const char *id, const char *message, const char *hint)
{
	(void)call, (void)id, (void)hint;
	fprintf(stderr, "%s\n", message);
}

static void changed(const struct call *call, bool changed)
{
	if (!call->globals.quiet)
		puts(changed ? "changed" : "unchanged");
}

static void version(const struct call *call, const char *version, __u32 abi)
{
	if (!call->globals.quiet)
		printf("lbctl %s (ABI %u)\n", version, abi);
}

static void print_pool(const struct call *call, const struct view *view)
{
	struct libscols_table *table = columns_begin(call->globals.color, pool_columns);

	columns_add_latency(table, view);
	for (size_t i = 0; i < view->service_count; i++)
		put_service(table, &view->services[i]);
	columns_fit(table, dispensable);
	columns_print(table);
}

static void print_outcomes(const struct call *call, const struct view *view)
{
	static const struct column columns[] = {
		{"OUTCOME", 0}, {"PACKETS", SCOLS_FL_RIGHT}, {"MEANING", SCOLS_FL_WRAP}, {NULL, 0}};
	struct libscols_table *table = columns_begin(call->globals.color, columns);

	for (int i = 0; i < LB_OUTCOME_COUNT; i++) {
		struct libscols_line *line;

		if (!view->outcomes.count[i] && i > LB_PASSED)
			continue;
		line = scols_table_new_line(table, NULL);
		columns_cell(line, 0, "%s", outcome_name(i));
		columns_cell(line, 1, "%llu", view->outcomes.count[i]);
		columns_cell(line, 2, "%s", outcome_sentence(i));
	}
	columns_print(table);
}

static bool needs_controller(const struct view *view)
{
	bool needed = false;

	for (size_t i = 0; i < view->service_count; i++)
		needed |= view->services[i].config->check[0] ||
			  view->services[i].config->feedback != LB_FEEDBACK_OFF;
	return needed;
}

static void status(const struct call *call, const struct view *view)
{
	if (call->globals.quiet)
		return;
	printf("instance %s, generation %llu, attached to", call->globals.instance,
	       view->generation);
	for (size_t i = 0; i < view->interface_count; i++)
		printf("%s %s (%s)", i ? "," : "", view->interfaces[i].name,
		       mode_name(view->interfaces[i].mode));
	puts(view->interface_count ? "" : " nothing");
	if (view->controller)
		printf("controller %u\n", view->controller);
	else if (needs_controller(view))
		puts("no controller: nobody makes checks or moves weights (lbctl run)");
	putchar('\n');
	print_pool(call, view);
	if (!view->service_count)
		puts("no services (lbctl service add NAME VIP:PORT/PROTO)");
	report_notes(call, view);
	putchar('\n');
	print_outcomes(call, view);
}

static void services(const struct call *call, const struct view *view)
{
	static const struct column columns[] = {{"NAME", 0},
						{"ADDRESS", 0},
						{"SCHEDULER", 0},
						{"FORWARD", 0},
						{"BACKENDS", SCOLS_FL_RIGHT},
						{"FLOWS", SCOLS_FL_RIGHT},
						{NULL, 0}};
	struct libscols_table *table = columns_begin(call->globals.color, columns);

	for (size_t i = 0; i < view->service_count; i++) {
		const struct view_service *service = &view->services[i];
		struct libscols_line *line = scols_table_new_line(table, NULL);
		char endpoint[ENDPOINT_TEXT_BYTES];

		endpoint_format(service->config->address, service->config->port, endpoint,
				sizeof(endpoint));
		columns_cell(line, 0, "%s", service->config->name);
		columns_cell(line, 1, "%s/%s", endpoint, protocol_name(service->config->protocol));
		columns_cell(line, 2, "%s", scheduler_name(service->config->scheduler));
		columns_cell(line, 3, "%s", forward_name(service->config->forward));
		columns_cell(line, 4, "%zu", service->backend_count);
		columns_cell(line, 5, "%llu", service->flows);
	}
	if (call->globals.quiet)
		scols_table_remove_lines(table);
	columns_print(table);
}

static void service(const struct call *call, const struct view_service *service)
{
	const struct lb_service_config *config = service->config;
	const struct view alone = {.services = (struct view_service *)service, .service_count = 1};
	char endpoint[ENDPOINT_TEXT_BYTES];

	if (call->globals.quiet)
		return;
	endpoint_format(config->address, config->port, endpoint, sizeof(endpoint));
	printf("%-20s %s\n", "name", config->name);
	printf("%-20s %s/%s\n", "vip", endpoint, protocol_name(config->protocol));
	for (const struct setting *setting = service_settings; setting->name; setting++) {
		char value[SETTING_TEXT_BYTES];

		setting->format(config, value, sizeof(value));
		printf("%-20s %s\n", setting->name, value);
	}
	putchar('\n');
	print_pool(call, &alone);
}

static void backends(const struct call *call, const struct view_service *service)
{
	struct libscols_table *table = columns_begin(call->globals.color, pool_columns);
	const struct view alone = {.services = (struct view_service *)service, .service_count = 1};

	columns_add_latency(table, &alone);
	for (size_t i = 0; i < service->backend_count; i++)
		put_backend(table, NULL, &service->backends[i]);
	scols_column_set_flags(scols_table_get_column(table, POOL_SCHEDULER), SCOLS_FL_HIDDEN);
	if (call->globals.quiet)
		scols_table_remove_lines(table);
	columns_fit(table, dispensable);
	columns_print(table);
}

static void backend(const struct call *call, const struct view_service *service,
		    const struct view_backend *backend)
{
	const struct lb_backend_config *config = backend->config;
	char endpoint[ENDPOINT_TEXT_BYTES], times[80];

	if (call->globals.quiet)
		return;
	endpoint_format(config->address, config->port, endpoint, sizeof(endpoint));
	printf("%-20s %s of %s\n", "backend", endpoint, service->config->name);
	printf("%-20s %s%s\n", "state", state_name(config->state),
	       config->reset ? ", its connections are reset" : "");
	printf("%-20s %s\n", "health", health_name(config->health));
	report_vital(backend->vital);
	printf("%-20s %u\n", "weight", config->weight);
	if (config->override_milli != LB_NO_OVERRIDE)
		printf("%-20s %g\n", "override", config->override_milli / 1000.0);
	if (config->slow_start_milli)
		printf("%-20s x %g\n", "slow start", config->slow_start_milli / 1000.0);
	if (config->latency_milli)
		printf("%-20s x %g\n", "latency factor", config->latency_milli / 1000.0);
	if (service->config->feedback != LB_FEEDBACK_OFF)
		report_factor_text(backend->factor, service->config->feedback);
	printf("%-20s %g%s\n", "effective weight", backend->effective_weight,
	       service->fails_open ? " (nobody is up: health does not count)" : "");
	printf("%-20s %llu now, %llu so far\n", "flows", backend->flows,
	       backend->traffic.new_flows);
	if (backend->spilled_flows)
		printf("%-20s %llu now, of other services\n", "spilled to it",
		       backend->spilled_flows);
	if (config->max_flows)
		printf("%-20s %u\n", "at most", config->max_flows);
	printf("%-20s %llu packets, %llu bytes\n", "towards it", backend->traffic.packets,
	       backend->traffic.bytes);
	printf("%-20s %llu packets, %llu bytes\n", "replies", backend->traffic.reply_packets,
	       backend->traffic.reply_bytes);
	latency_describe(view_latency(backend, NULL), times, sizeof(times));
	if (backend->latency.sum_us)
		printf("%-20s %s\n", "answers in", times);
}

static void flow_count(const struct call *call, size_t count)
{
	if (!call->globals.quiet)
		printf("%zu\n", count);
}

const struct report report_text = {
	.problem = problem,
	.warning = warning,
	.remark = remark,
	.changed = changed,
	.version = version,
	.status = status,
	.services = services,
	.service = service,
	.backends = backends,
	.backend = backend,
	.stats = report_stats_text,
	.flow = report_flow_text,
	.flows_end = report_flows_end_text,
	.difference = report_difference_text,
	.differences_end = report_differences_end_text,
	.explanation = report_explanation_text,
	.diagnosis = report_diagnosis_text,
	.sighting = report_sighting_text,
	.flow_count = flow_count,
	.probe = report_probe_text,
	.check = report_check_text,
	.checks_end = report_checks_end_text,
	.event = report_event_text,
	.events_end = report_events_end_text,
};
