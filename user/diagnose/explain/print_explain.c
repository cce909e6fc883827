// SPDX-License-Identifier: GPL-2.0-only
/* Prints an explanation as text or JSON. */
#include <stdio.h>

#include "diagnose/explain/explain.h"
#include "diagnose/explain/explain_text.h"
#include "diagnose/explain/print_explain.h"
#include "model/backend_flags.h"
#include "model/outcome.h"
#include "model/service_settings.h"
#include "model/weight.h"
#include "store/flow_table.h"
#include "view/json.h"

static void print_text(const struct explain_text *text)
{
	for (size_t i = 0; i < text->count; i++)
		printf("%-10s %s\n", text->steps[i].name, text->steps[i].text);
}

static json_t *steps_json(const struct explain_text *text)
{
	json_t *array = json_array();

	for (size_t i = 0; i < text->count; i++)
		json_array_append_new(array, json_pack("{s:s, s:s}", "step", text->steps[i].name,
						       "text", text->steps[i].text));
	return array;
}

static json_t *backend_text(const struct lb_backend_config *backend)
{
	char endpoint[ENDPOINT_TEXT_BYTES];

	if (!backend)
		return json_null();
	endpoint_format(backend->address, backend->port, endpoint, sizeof(endpoint));
	return json_string(endpoint);
}

static void add_weights(json_t *json, const struct explanation *explanation)
{
	const struct lb_backend_config *backend = explanation->backend;
	double share =
		explanation->slots ? (double)explanation->backend_slots / explanation->slots : 0;

	if (!backend || !explanation->service)
		return;
	json_object_set_new(json, "backend_state", json_string(state_name(backend->state)));
	json_object_set_new(json, "backend_health", json_string(health_name(backend->health)));
	json_object_set_new(json, "weight", json_integer(backend->weight));
	json_object_set_new(
		json, "effective_weight",
		json_real(weight_effective_milli(backend, explanation->slot_service->scheduler) /
			  1e3));
	json_object_set_new(json, "share", json_real(share));
}

static void add_flow(json_t *json, const struct explanation *explanation)
{
	if (!explanation->is_tracked)
		return;
	json_object_set_new(
		json, "flow_state",
		json_string(flow_state_name(lb_flow_state(explanation->flow_entry.data))));
	json_object_set_new(json, "age_ms", json_integer(explanation->age_ms));
	json_object_set_new(json, "idle_ms", json_integer(explanation->idle_ms));
}

static json_t *hop_json(const struct explanation *explanation)
{
	const struct lb_explain_notes *notes = &explanation->result->notes;

	if (!explanation->backend)
		return json_null();
	return json_pack("{s:o, s:o, s:i}", "interface", json_text_or_null(explanation->egress),
			 "mac", json_text_or_null(explanation->mac), "kernel",
			 notes->fib_called ? notes->fib_result : 0);
}

static json_t *explanation_json(const struct explanation *explanation,
				const struct explain_text *text)
{
	const struct lb_service_config *service = explanation->service;
	json_t *json = json_object();

	json_object_set_new(json, "service", json_text_or_null(service ? service->name : NULL));
	json_object_set_new(json, "scheduler",
			    json_text_or_null(service ? scheduler_name(service->scheduler) : NULL));
	json_object_set_new(json, "flow", json_string(explanation->flow));
	json_object_set_new(json, "slot",
			    explanation->has_slot ? json_integer(explanation->slot) : json_null());
	json_object_set_new(json, "slots", json_integer(explanation->slots));
	json_object_set_new(json, "backend", backend_text(explanation->backend));
	json_object_set_new(json, "forward",
			    json_text_or_null(explanation->backend
						      ? forward_name(explanation->forward)
						      : NULL));
	json_object_set_new(json, "verdict", json_string(explanation->verdict));
	json_object_set_new(json, "outcome", json_string(outcome_name(explanation->outcome)));
	json_object_set_new(json, "interface", json_string(explanation->interface));
	json_object_set_new(json, "reply", json_boolean(explanation->is_reply));
	json_object_set_new(json, "next_hop", hop_json(explanation));
	add_flow(json, explanation);
	add_weights(json, explanation);
	json_object_set_new(json, "steps", steps_json(text));
	return json;
}

void print_explanation(const struct output *out, const struct explanation *explanation,
		       const struct explain_text *text)
{
	if (out->json)
		json_print(out, explanation_json(explanation, text));
	else if (!out->quiet)
		print_text(text);
}
