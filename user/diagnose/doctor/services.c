// SPDX-License-Identifier: GPL-2.0-only
/* Doctor examinations: configured services, the controller, the flow table, lost packets. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "diagnose/doctor/examinations.h"
#include "store/flow_table.h"

/* Percent. In a fuller table new flows often find their bucket full. */
#define FULL_PERCENT 80

/* Time to see whether outcome counters of lost packets still grow. */
#define LOSS_WAIT_NS 500000000L

static void examine_backends(struct doctor *doctor, const struct view_service *service)
{
	const char *name = service->config->name;
	struct finding *finding;

	for (size_t i = 0; i < service->backend_count; i++) {
		const struct view_backend *backend = &service->backends[i];
		char endpoint[ENDPOINT_TEXT_BYTES];

		if (backend->config->health != LB_HEALTH_DOWN ||
		    backend->config->state != LB_STATE_READY)
			continue;
		endpoint_format(backend->config->address, backend->config->port, endpoint,
				sizeof(endpoint));
		finding = finding_add(doctor, "backend-down", DOCTOR_WARNING,
				      "it receives no new flows until its health check passes",
				      "%s: %s is down: %s", name, endpoint,
				      backend->health_record->reason);
		finding_set_remedy(finding, "%s check %s %s", doctor->command, name, endpoint);
		finding_set_backend(finding, service->config, backend->config);
	}
}

static void examine_service(struct doctor *doctor, const struct view_service *service)
{
	const char *name = service->config->name;
	struct finding *finding = NULL;
	size_t ready = 0;
	double weight = 0;

	for (size_t i = 0; i < service->backend_count; i++) {
		ready += service->backends[i].config->state == LB_STATE_READY;
		weight += service->backends[i].effective_weight;
	}
	if (!service->backend_count) {
		finding = finding_add(doctor, "no-backend", DOCTOR_ERROR,
				      "its packets are dropped (outcome no_backend)",
				      "%s: the service has no backend", name);
		finding_set_remedy(finding, "%s backend add %s ADDR[:PORT]", doctor->command, name);
	} else if (service->fails_open) {
		finding = finding_add(doctor, "all-down", DOCTOR_ERROR,
				      "the service fails open: all backends receive flows as if up",
				      "%s: all backends are down", name);
		finding_set_remedy(finding, "%s check %s", doctor->command, name);
	} else if (!ready || weight <= 0) {
		finding =
			finding_add(doctor, "none-ready", DOCTOR_ERROR,
				    "new flows are dropped (outcome no_backend)",
				    "%s: no backend accepts new flows (all are in drain or maint, "
				    "down, or have weight 0)",
				    name);
		finding_set_remedy(finding, "%s backend ready %s BACKEND", doctor->command, name);
	}
	if (finding)
		finding_set_backend(finding, service->config, NULL);
}

void doctor_services(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->view->service_count; i++) {
		examine_service(doctor, &doctor->view->services[i]);
		examine_backends(doctor, &doctor->view->services[i]);
	}
}

/* Health checks and latency feedback need the controller. */
void doctor_controller(struct doctor *doctor)
{
	struct finding *finding;

	for (size_t i = 0; i < doctor->view->service_count && !doctor->view->controller; i++) {
		const struct lb_service_config *service = doctor->view->services[i].config;
		bool is_checked = service->check[0];

		if (!is_checked && service->feedback == LB_FEEDBACK_OFF)
			continue;
		finding = finding_add(
			doctor, "no-controller", DOCTOR_WARNING,
			"health states and weights do not change until a controller runs (or cron "
			"runs `lbctl check`)",
			"%s: the service has %s, and no controller is running", service->name,
			is_checked ? "a health check" : "latency feedback");
		finding_set_remedy(finding, "%s run", doctor->command);
		finding_set_backend(finding, service, NULL);
	}
}

void doctor_flows(struct doctor *doctor)
{
	__u64 capacity = (__u64)doctor->store->control->flow_buckets * LB_BUCKET_FLOWS;
	__u64 active = flow_table_count(doctor->store, 0, 0);
	struct finding *finding;

	if (active * 100 < capacity * FULL_PERCENT)
		return;
	finding = finding_add(
		doctor, "flow-table-full", DOCTOR_WARNING,
		"flows that find no free entry stay untracked and may move to another "
		"backend when weights change; attach with a larger --max-flows",
		"the flow table has %llu active flows and %llu entries", active, capacity);
	finding_set_remedy(finding, "%s flow flush --idle-over 1m --force", doctor->command);
}

/* Outcomes of lost or slow packets, the worst first. */
static const struct {
	enum lb_outcome outcome;
	const char *id;
} losses[] = {
	{LB_ABORTED, "packets-aborted"},
	{LB_NO_BACKEND, "packets-without-backend"},
	{LB_NO_ROUTE, "packets-without-route"},
	{LB_NO_NEIGHBOUR, "packets-without-neighbour"},
	{LB_NO_PORT, "packets-without-port"},
	{LB_OVERLOADED, "packets-overloaded"},
	{LB_NO_HEADROOM, "packets-without-headroom"},
	{LB_UNTRACKED, "packets-untracked"},
	{LB_TO_STACK, "packets-to-stack"},
};

void doctor_await_losses(const struct doctor *doctor)
{
	const struct timespec delay = {.tv_nsec = LOSS_WAIT_NS};
	__u64 lost = 0;

	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++)
		lost += doctor->outcomes_before.count[losses[i].outcome];
	if (lost)
		nanosleep(&delay, NULL);
}

void doctor_examine_outcomes(struct doctor *doctor, const struct lb_outcomes *now)
{
	struct finding *finding;

	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		enum lb_outcome outcome = losses[i].outcome;
		__u64 count = now->count[outcome];
		bool is_growing = count > doctor->outcomes_before.count[outcome];

		if (!count)
			continue;
		finding = finding_add(
			doctor, losses[i].id, is_growing ? DOCTOR_WARNING : DOCTOR_NOTE,
			outcome_describe(outcome), "%llu packets with outcome %s, %s", count,
			outcome_name(outcome), is_growing ? "still increasing" : "not increasing");
		finding_set_remedy(finding, "%s trace --outcome %s", doctor->command,
				   outcome_name(outcome));
	}
}
