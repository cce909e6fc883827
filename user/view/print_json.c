// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <jansson.h>
#include <string.h>

#include "model/traffic_rate.h"
#include "view/feedback_print.h"
#include "view/print_json.h"

/* For thousands of objects: json_pack() and the check for UTF-8 would take a third of the time. */
static void set_key(json_t *object, const char *key, json_t *value)
{
	json_object_set_new_nocheck(object, key, value);
}

static void add_traffic(json_t *object, const struct lb_traffic *traffic, __u64 flows)
{
	set_key(object, "packets", json_integer(traffic->packets));
	set_key(object, "bytes", json_integer(traffic->bytes));
	set_key(object, "reply_packets", json_integer(traffic->reply_packets));
	set_key(object, "reply_bytes", json_integer(traffic->reply_bytes));
	set_key(object, "flows", json_integer(flows));
	set_key(object, "new_flows", json_integer(traffic->new_flows));
}

static json_t *latency_json(struct latency_stats latency)
{
	json_t *json = json_object();

	set_key(json, "mean", json_integer(latency.mean_us + 0.5));
	set_key(json, "p50", json_integer(latency.p50_us + 0.5));
	set_key(json, "p99", json_integer(latency.p99_us + 0.5));
	set_key(json, "samples", json_integer(latency.samples));
	return json;
}

/* A factor of the weight; 0 is stored for 1. */
static json_t *factor_json(__u32 milli)
{
	return json_real(milli ? milli / 1000.0 : 1);
}

/* The last probe; null = none. */
static json_t *check_json(const struct lb_health_record *health_record)
{
	json_t *json;

	if (!health_record->probed_ms)
		return json_null();
	json = json_object();
	set_key(json, "passed", json_boolean(health_record->passed));
	set_key(json, "reason", json_string(health_record->reason));
	set_key(json, "consecutive", json_integer(health_record->streak));
	set_key(json, "flapping", json_boolean(health_record->flapping));
	set_key(json, "time_us", json_integer(health_record->total_us));
	set_key(json, "probed_ms", json_integer(health_record->probed_ms));
	set_key(json, "changed_ms", json_integer(health_record->changed_ms));
	return json;
}

static json_t *backend_json(const struct view_backend *backend)
{
	const struct lb_backend_config *config = backend->config;
	char address[ADDRESS_TEXT_BYTES];
	json_t *json = json_object();

	address_format(config->address, address, sizeof(address));
	set_key(json, "address", json_string_nocheck(address));
	set_key(json, "port", json_integer(ntohs(config->port)));
	set_key(json, "state", json_string_nocheck(state_name(config->state)));
	set_key(json, "configured_state",
		json_string_nocheck(state_name(config->configured_state)));
	set_key(json, "reset", json_boolean(config->reset));
	set_key(json, "health", json_string_nocheck(health_name(config->health)));
	set_key(json, "check", check_json(backend->health_record));
	set_key(json, "weight", json_integer(config->weight));
	set_key(json, "effective_weight", json_real(backend->effective_weight));
	set_key(json, "override",
		config->override_milli == LB_NO_OVERRIDE
			? json_null()
			: json_real(config->override_milli / 1000.0));
	set_key(json, "slow_start", factor_json(config->slow_start_milli));
	set_key(json, "latency_factor", factor_json(config->latency_milli));
	set_key(json, "feedback", feedback_json(backend->feedback_record));
	add_traffic(json, &backend->traffic, backend->flows);
	set_key(json, "spilled_flows", json_integer(backend->spilled_flows));
	set_key(json, "max_flows", json_integer(config->max_flows));
	set_key(json, "latency_us", latency_json(view_latency(backend, NULL)));
	return json;
}

json_t *json_of_backends(const struct view_service *service)
{
	json_t *array = json_array();

	for (size_t i = 0; i < service->backend_count; i++)
		json_array_append_new(array, backend_json(&service->backends[i]));
	return array;
}

/* Settings by the names of their flags, except the timeouts. */
static void add_settings(json_t *json, const struct lb_service_config *config)
{
	char value[SETTING_TEXT_BYTES];

	for (const struct service_setting *setting = service_settings; setting->name; setting++) {
		if (!strncmp(setting->name, "timeout-", 8))
			continue;
		service_setting_format(setting, config, value);
		set_key(json, setting->name, json_string_nocheck(value));
	}
	set_key(json, "timeouts_ms",
		json_pack("{s:i, s:i, s:i}", "new", config->timeout_new_ms, "established",
			  config->timeout_established_ms, "closing", config->timeout_closing_ms));
}

static json_t *spilled_json(const struct view_service *service)
{
	json_t *json = json_object();

	add_traffic(json, &service->spilled, service->spilled_flows);
	return json;
}

json_t *json_of_service(const struct view_service *service)
{
	const struct lb_service_config *config = service->config;
	char address[ADDRESS_TEXT_BYTES];
	json_t *json;

	address_format(config->address, address, sizeof(address));
	json = json_pack("{s:s, s:s, s:i, s:s}", "name", config->name, "address", address, "port",
			 ntohs(config->port), "protocol", protocol_name(config->protocol));
	add_settings(json, config);
	set_key(json, "fail_open", json_boolean(service->fails_open));
	add_traffic(json, &service->traffic, service->flows);
	set_key(json, "spilled", spilled_json(service));
	set_key(json, "backends", json_of_backends(service));
	return json;
}

json_t *json_of_services(const struct view *view)
{
	json_t *array = json_array();

	for (size_t i = 0; i < view->service_count; i++)
		json_array_append_new(array, json_of_service(&view->services[i]));
	return array;
}

static json_t *outcomes_json(const struct view *view)
{
	json_t *object = json_object();

	for (int i = 0; i < LB_OUTCOME_COUNT; i++)
		json_object_set_new(object, outcome_name(i), json_integer(view->outcomes.count[i]));
	return object;
}

static json_t *interfaces_json(const struct view *view)
{
	json_t *array = json_array();

	for (size_t i = 0; i < view->interface_count; i++)
		json_array_append_new(array,
				      json_pack("{s:s, s:s}", "interface", view->interfaces[i].name,
						"mode", mode_name(view->interfaces[i].mode)));
	return array;
}

static json_t *controller_json(const struct view *view)
{
	return json_pack("{s:b, s:o}", "running", view->controller != 0, "pid",
			 view->controller ? json_integer(view->controller) : json_null());
}

static json_t *status_json(const struct view *view, json_t *services)
{
	return json_pack("{s:o, s:I, s:o, s:o, s:o}", "attached", interfaces_json(view),
			 "generation", (json_int_t)view->generation, "controller",
			 controller_json(view), "services", services, "outcomes",
			 outcomes_json(view));
}

json_t *json_of_status(const struct view *view)
{
	return status_json(view, json_of_services(view));
}

json_t *json_of_backend(const struct view_service *service, const struct view_backend *backend)
{
	json_t *json = backend_json(backend);

	json_object_set_new(json, "service", json_string(service->config->name));
	return json;
}

static json_t *rates_json(const struct lb_traffic *now, const struct lb_traffic *before,
			  double seconds)
{
	struct traffic_rate rate = traffic_rate_since(now, before, seconds);

	return json_pack("{s:f, s:f, s:f, s:f, s:f}", "packets", rate.packets, "bytes", rate.bytes,
			 "reply_packets", rate.reply_packets, "reply_bytes", rate.reply_bytes,
			 "new_flows", rate.new_flows);
}

static void add_rates(json_t *json, const struct view_service *now,
		      const struct view_service *before, double seconds)
{
	json_object_set_new(json, "per_second",
			    rates_json(&now->traffic, &before->traffic, seconds));
	for (size_t i = 0; i < now->backend_count; i++) {
		const struct view_backend *backend = &now->backends[i];
		const struct view_backend *then = view_find_backend(before, backend->id);
		json_t *object = json_array_get(json_object_get(json, "backends"), i);

		if (!then)
			continue;
		set_key(object, "per_second",
			rates_json(&backend->traffic, &then->traffic, seconds));
		set_key(object, "latency_us", latency_json(view_latency(backend, then)));
	}
}

json_t *json_of_stats(const struct view *view, const struct view *before, double seconds)
{
	json_t *array = json_of_services(view);

	for (size_t i = 0; before && i < view->service_count; i++) {
		const struct view_service *then = view_find_service(before, view->services[i].id);

		if (then)
			add_rates(json_array_get(array, i), &view->services[i], then, seconds);
	}
	return array;
}

/* Help and rate of each outcome, and which ones are drops. */
static void add_outcomes(json_t *json, const struct view *view, const struct view *before,
			 double seconds)
{
	json_t *rates = json_object(), *help = json_object(), *lost = json_array();

	for (int i = 0; i < LB_OUTCOME_COUNT; i++) {
		__u64 now = view->outcomes.count[i], then = before ? before->outcomes.count[i] : 0;

		set_key(rates, outcome_name(i), json_real(now > then ? (now - then) / seconds : 0));
		set_key(help, outcome_name(i), json_string_nocheck(outcome_describe(i)));
		if (outcome_is_drop(i))
			json_array_append_new(lost, json_string(outcome_name(i)));
	}
	if (before)
		set_key(json, "outcomes_per_second", json_incref(rates));
	json_decref(rates);
	set_key(json, "outcome_help", help);
	set_key(json, "outcomes_lost", lost);
}

json_t *json_of_live(const struct view *view, const struct view *before, double seconds,
		     const char *instance)
{
	json_t *json = status_json(view, json_of_stats(view, before, seconds));

	set_key(json, "instance", json_string(instance));
	set_key(json, "version", json_string(LBCTL_VERSION));
	set_key(json, "seconds", before ? json_real(seconds) : json_null());
	add_outcomes(json, view, before, seconds);
	return json;
}
