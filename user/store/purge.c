// SPDX-License-Identifier: GPL-2.0-only
#include "store/purge.h"

#include "store/flow_table.h"
#include "store/store.h"

struct reason {
	const struct store *store;
	const bool *persists_anew;
};

static bool is_theirs(const struct store *store, __u16 service, __u16 backend)
{
	return service < store->control->max_services && store->service[service].name[0] &&
	       backend < store->control->max_backends && store->backend[backend].service == service;
}

static bool flow_is_over(const struct lb_flow *flow, void *argument)
{
	const struct reason *reason = argument;
	__u16 service = lb_flow_service(flow->key);

	if (!is_theirs(reason->store, service, lb_flow_backend(flow->data)))
		return true;
	return reason->persists_anew[service] &&
	       reason->store->service[service].persist == LB_PERSIST_NONE;
}

static bool client_is_over(const struct lb_client *client, const struct reason *reason)
{
	__u16 service = lb_client_service(client->key);

	return !is_theirs(reason->store, service, lb_client_backend(client->data)) ||
	       reason->persists_anew[service];
}

static void forget_clients(struct store *store, const struct reason *reason)
{
	__u32 buckets = store->control->client_buckets;

	for (__u32 i = 0; i < buckets * LB_BUCKET_CLIENTS; i++) {
		struct lb_client *place =
			&store->clients[i / LB_BUCKET_CLIENTS].client[i % LB_BUCKET_CLIENTS];
		struct lb_client client = {__atomic_load_n(&place->key, __ATOMIC_ACQUIRE),
					   __atomic_load_n(&place->data, __ATOMIC_ACQUIRE)};

		if (client.data && client_is_over(&client, reason))
			__atomic_compare_exchange_n(&place->data, &client.data, 0, false,
						    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	}
}

void forget_what_is_over(struct store *store, const bool *persists_anew)
{
	struct reason reason = {store, persists_anew};

	flow_table_forget(store, flow_is_over, &reason);
	forget_clients(store, &reason);
}
