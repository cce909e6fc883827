// SPDX-License-Identifier: GPL-2.0-only
#include "view/view.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "model/weight.h"
#include "store/controller_lock.h"
#include "store/counters.h"
#include "store/event_log.h"
#include "store/flow_table.h"
#include "store/lookup.h"
#include "store/store.h"

static void add_traffic(struct lb_traffic *sum, const struct lb_traffic *more)
{
	sum->packets += more->packets;
	sum->bytes += more->bytes;
	sum->new_flows += more->new_flows;
	sum->reply_packets += more->reply_packets;
	sum->reply_bytes += more->reply_bytes;
}

static void collect_backend(struct view_service *service, const struct store *store, __u32 id,
			    enum weight_mode mode, const __u64 *flows)
{
	struct view_backend *backend = &service->backends[service->backend_count++];
	struct lb_backend_config adjusted = weight_apply_mode(&store->config.backend[id], mode);

	backend->id = id;
	backend->config = &store->config.backend[id];
	backend->health_record = &store->health_records[id];
	backend->feedback_record = &store->feedback_records[id];
	backend->effective_weight =
		weight_effective_milli(&adjusted, service->config->scheduler) / 1000.0;
	backend->flows = flows[id];
	backend->spilled_flows = flows[store->control->max_backends + id];
	if (store->tables.responses[id].sum_us)
		backend->latency = store->tables.responses[id];
	backend->traffic = store_traffic(store, id);
	add_traffic(&service->traffic, &backend->traffic);
	service->flows += backend->flows;
}

/* An alias backend has the traffic that spills to a backend of another service. */
static void collect_alias(struct view_service *service, const struct store *store, __u32 id,
			  const __u64 *flows)
{
	struct lb_traffic traffic = store_traffic(store, id);

	add_traffic(&service->spilled, &traffic);
	add_traffic(&service->traffic, &traffic);
	service->spilled_flows += flows[id];
	service->flows += flows[id];
}

static int collect_service(struct view_service *service, const struct store *store, __u32 id,
			   const __u64 *flows)
{
	const struct lb_service_config *config = &store->config.service[id];
	enum weight_mode mode = store_weight_mode(store, id);
	size_t count = 0;

	for (__u32 i = 1; i < store->control->max_backends; i++)
		count += store_service_owns(store, id, i);
	service->id = id;
	service->config = config;
	service->fails_open = mode == WEIGHT_FAIL_OPEN;
	service->traffic = (struct lb_traffic){
		.packets = config->past_packets,
		.bytes = config->past_bytes,
		.new_flows = config->past_new_flows,
		.reply_packets = config->past_reply_packets,
		.reply_bytes = config->past_reply_bytes,
	};
	service->backends = calloc(count + 1, sizeof(*service->backends));
	if (!service->backends)
		return -ENOMEM;
	for (__u32 i = 1; i < store->control->max_backends; i++)
		if (store_service_owns(store, id, i))
			collect_backend(service, store, i, mode, flows);
		else if (store->config.backend[i].service == id)
			collect_alias(service, store, i, flows);
	return 0;
}

static int collect_services(struct view *view, const struct store *store)
{
	__u32 max_backends = store->control->max_backends;
	/* Flows by backend id, then the flows of the aliases of each backend. */
	_free_ __u64 *flows = calloc(2 * max_backends, sizeof(*flows));
	int error = flows ? 0 : -ENOMEM;

	if (!error)
		flow_table_count_per_backend(store, flows);
	for (__u32 id = 1; id < max_backends && !error; id++)
		if (store->config.backend[id].alias_of)
			flows[max_backends + store->config.backend[id].alias_of] += flows[id];
	for (__u32 id = 1; id < store->control->max_services && !error; id++)
		if (store->config.service[id].name[0])
			error = collect_service(&view->services[view->service_count++], store, id,
						flows);
	return error;
}

int view_collect(struct view *view, const struct store *store, const char *instance)
{
	int error;

	*view = (struct view){
		.generation = store_revision(store),
		.events = event_log_count(store),
		.controller = store_controller_pid(store),
	};
	view->services = calloc(store->control->max_services, sizeof(*view->services));
	error = view->services ? collect_services(view, store) : -ENOMEM;
	if (!error)
		error = datapath_interfaces(instance, &view->interfaces, &view->interface_count);
	if (error)
		view_release(view);
	else
		view->outcomes = store_outcomes(store);
	return error;
}

void view_release(struct view *view)
{
	for (size_t i = 0; i < view->service_count; i++)
		free(view->services[i].backends);
	free(view->services);
	free(view->interfaces);
	*view = (struct view){0};
}

const struct view_service *view_find_service(const struct view *view, __u32 id)
{
	for (size_t i = 0; i < view->service_count; i++)
		if (view->services[i].id == id)
			return &view->services[i];
	return NULL;
}

const struct view_backend *view_find_backend(const struct view_service *service, __u32 id)
{
	for (size_t i = 0; i < service->backend_count; i++)
		if (service->backends[i].id == id)
			return &service->backends[i];
	return NULL;
}

struct latency_stats view_latency(const struct view_backend *now, const struct view_backend *before)
{
	struct lb_latency window;

	if (!before || !now->latency.sum_us)
		return latency_stats(&now->latency);
	latency_since(&window, &now->latency, &before->latency);
	return latency_stats(&window);
}

bool view_has_latency(const struct view *view)
{
	bool has_latency = false;

	for (size_t i = 0; i < view->service_count; i++)
		for (size_t j = 0; j < view->services[i].backend_count; j++)
			has_latency |= view->services[i].backends[j].latency.sum_us > 0;
	return has_latency;
}

static bool service_is_degraded(const struct view_service *service)
{
	double weight = 0;

	for (size_t i = 0; i < service->backend_count; i++) {
		if (service->backends[i].config->health == LB_HEALTH_DOWN)
			return true;
		weight += service->backends[i].effective_weight;
	}
	return weight <= 0;
}

bool view_is_degraded(const struct view *view)
{
	bool degraded = !view->interface_count;

	for (size_t i = 0; i < view->interface_count; i++)
		degraded |= view->interfaces[i].mode == DATAPATH_DETACHED;
	for (size_t i = 0; i < view->service_count; i++)
		degraded |= service_is_degraded(&view->services[i]);
	return degraded;
}
