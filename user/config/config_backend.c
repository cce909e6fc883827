// SPDX-License-Identifier: GPL-2.0-only
#include "config/config_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/validate.h"
#include "store/edit.h"
#include "view/view.h"

static int read_state(const struct reader *reader, struct yaml_node *value, __u8 *state)
{
	const char *text = yaml_text(value);

	for (__u8 i = 0; text && i < LB_STATE_COUNT; i++)
		if (!strcmp(text, state_name(i))) {
			*state = i;
			return 0;
		}
	return reader_invalid_choice(reader, value, "ready, drain or maint");
}

static int read_runtime_state(const struct reader *reader, struct yaml_node *value, void *target)
{
	struct config_backend *backend = target;

	return read_state(reader, value, &backend->settings.state);
}

static int read_runtime_weight(const struct reader *reader, struct yaml_node *value, void *target)
{
	struct config_backend *backend = target;
	const char *text = yaml_text(value);
	double weight;
	char *end;

	weight = text ? strtod(text, &end) : -1;
	if (!text || text[0] < '0' || text[0] > '9' || *end || !(weight <= LB_WEIGHT_MAX))
		return reader_error(reader, value, "expected a number from 0 to %u", LB_WEIGHT_MAX);
	backend->settings.override_milli = weight * 1000 + 0.5;
	return 0;
}

static int read_runtime_reset(const struct reader *reader, struct yaml_node *value, void *target)
{
	struct config_backend *backend = target;
	const char *text = yaml_text(value);

	if (!text || (strcmp(text, "on") && strcmp(text, "off")))
		return reader_invalid_choice(reader, value, "on or off");
	backend->settings.reset = !strcmp(text, "on");
	return 0;
}

static int read_runtime(const struct reader *reader, struct yaml_node *value, void *target)
{
	static const struct reader_key keys[] = {
		{"state", read_runtime_state},
		{"weight", read_runtime_weight},
		{"reset", read_runtime_reset},
		{NULL, NULL},
	};
	struct config_backend *backend = target;

	backend->has_runtime = true;
	return reader_read_map(reader, value, keys, backend);
}

static int read_weight(const struct reader *reader, struct yaml_node *value, void *target)
{
	struct config_backend *backend = target;
	__u32 weight = 0;
	int code = reader_read_number(reader, value, 0, LB_WEIGHT_MAX, &weight);

	backend->settings.weight = weight;
	return code;
}

static int read_max_flows(const struct reader *reader, struct yaml_node *value, void *target)
{
	struct config_backend *backend = target;

	return reader_read_number(reader, value, 0, LB_FLOWS_MAX, &backend->settings.max_flows);
}

static int read_configured_state(const struct reader *reader, struct yaml_node *value, void *target)
{
	struct config_backend *backend = target;

	return read_state(reader, value, &backend->settings.configured_state);
}

static int read_backend(const struct reader *reader, struct yaml_node *map,
			const struct lb_service_config *service, struct config_backend *backend)
{
	static const struct reader_key keys[] = {
		{"address", reader_skip},      {"weight", read_weight},
		{"max-flows", read_max_flows}, {"state", read_configured_state},
		{"runtime", read_runtime},     {NULL, NULL},
	};
	struct yaml_node *address = reader_find(map, "address"), *state = reader_find(map, "state");
	struct endpoint endpoint;
	int code;

	backend->node = map;
	if (yaml_is_map(map) && !yaml_text(address))
		return reader_error(reader, address ? address : map,
				    "missing address of the backend: expected ADDR[:PORT]");
	if (address) {
		code = validate_endpoint(reader->problem, service, yaml_text(address), &endpoint);
		if (code)
			return reader_set_position(reader, address, code);
		backend->settings = backend_defaults(&endpoint);
	}
	/* The run-time state is read after the configured one, and overrides it. */
	code = state ? read_state(reader, state, &backend->settings.state) : 0;
	return code ? code : reader_read_map(reader, map, keys, backend);
}

int config_compare_backends(const struct lb_backend_config *a, const struct lb_backend_config *b)
{
	int order = memcmp(a->address, b->address, sizeof(a->address));

	return order ? order : (int)a->port - (int)b->port;
}

static int compare(const void *left, const void *right)
{
	const struct config_backend *const *a = left, *const *b = right;

	return config_compare_backends(&(*a)->settings, &(*b)->settings);
}

/* Backends of a service must be unique. */
static int check_backends(const struct reader *reader, const struct config_service *service)
{
	size_t count = service->backend_count;
	struct config_backend **sorted = calloc(count + 1, sizeof(struct config_backend *));
	int code = 0;

	if (!sorted)
		return problem_system(reader->problem, -ENOMEM, "reading the configuration");
	for (size_t i = 0; i < count; i++)
		sorted[i] = &service->backends[i];
	qsort(sorted, count, sizeof(struct config_backend *), compare);
	for (size_t i = 1; !code && i < count; i++)
		if (!compare(&sorted[i - 1], &sorted[i]))
			code = reader_error(reader, sorted[i]->node,
					    "duplicate backend of the service");
	free(sorted);
	return code;
}

int config_read_backends(const struct reader *reader, struct yaml_node *list,
			 struct config_service *service)
{
	struct yaml_entry entry = {0};
	int code = 0;

	service->backends = reader_alloc_items(reader, list, sizeof(struct config_backend),
					       &service->backend_count);
	if (!service->backends)
		return reader->problem->code;
	for (size_t i = 0; !code && yaml_next(list, &entry); i++)
		code = read_backend(reader, entry.value, &service->settings, &service->backends[i]);
	return code ? code : check_backends(reader, service);
}
