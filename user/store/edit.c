// SPDX-License-Identifier: GPL-2.0-only
#include "store/edit.h"

#include "base/address.h"
#include "store/counters.h"
#include "store/lookup.h"

int edit_check_reach(const struct lb_service_config *service, const __u64 address[2], __be16 port)
{
	bool tunnels = service->forward == LB_FORWARD_IPIP || service->forward == LB_FORWARD_GUE;
	bool translates = service->port && (service->forward == LB_FORWARD_NAT ||
					    service->forward == LB_FORWARD_SNAT);

	if (!tunnels && address_is_ipv4(address) != address_is_ipv4(service->address))
		return EDIT_WRONG_FAMILY;
	return translates || port == service->port ? 0 : EDIT_WRONG_PORT;
}

int edit_check_shared(const struct store *store, const struct lb_service_config *service,
		      const __u64 address[2], __be16 port)
{
	return store_endpoint_count(store, address, port, service->protocol) >=
			       LB_ENDPOINT_CHAIN_MAX
		       ? EDIT_ENDPOINT_SHARED
		       : 0;
}

struct lb_backend_config backend_defaults(const struct endpoint *endpoint)
{
	return (struct lb_backend_config){
		.address = {endpoint->address[0], endpoint->address[1]},
		.port = endpoint->port,
		.weight = 1,
		.override_milli = LB_NO_OVERRIDE,
	};
}

/* Each id is given at most once per working copy: a removed backend is still in use. */
int edit_add_backend(struct store *store, const struct lb_backend_config *backend, __u32 *id)
{
	__u32 next = store->next_backend;

	while (next < store->control->max_backends && (store->snapshots[0].backend[next].service ||
						       store->snapshots[1].backend[next].service))
		next++;
	store->next_backend = next + 1;
	if (next >= store->control->max_backends)
		return EDIT_BACKENDS_FULL;
	store_traffic_reset(store, next);
	store->health_records[next] = (struct lb_health_record){0};
	store->feedback_records[next] = (struct lb_feedback_record){0};
	store->tables.responses[next] = (struct lb_latency){0};
	store->config.backend[next] = *backend;
	backend_index_add(&store->index, next, backend);
	*id = next;
	return 0;
}

void edit_remove_backend(struct store *store, __u32 backend)
{
	struct lb_backend_config *config = &store->config.backend[backend];
	struct lb_service_config *service = &store->config.service[config->service];
	struct lb_traffic sum = store_traffic(store, backend);

	service->past_packets += sum.packets;
	service->past_bytes += sum.bytes;
	service->past_new_flows += sum.new_flows;
	service->past_reply_packets += sum.reply_packets;
	service->past_reply_bytes += sum.reply_bytes;
	*config = (struct lb_backend_config){0};
}

void edit_remove_service(struct store *store, __u32 service)
{
	__u32 id = 0;

	while ((id = store_next_backend(store, service, id)))
		edit_remove_backend(store, id);
	store->config.service[service] = (struct lb_service_config){0};
}
