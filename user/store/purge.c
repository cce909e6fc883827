// SPDX-License-Identifier: GPL-2.0-only
#include "store/purge.h"

#include "store/flow_table.h"
#include "store/store.h"

struct purge {
	const struct store *store;
	const bool *persist_changed;
};

static bool is_configured(const struct store *store, __u16 service, __u16 backend)
{
	return service < store->control->max_services && store->config.service[service].name[0] &&
	       backend < store->control->max_backends &&
	       store->config.backend[backend].service == service;
}

/* Flow entries of a service that now balances each packet are stale as well. */
static bool is_stale_flow(const struct lb_flow *flow, void *argument)
{
	const struct purge *purge = argument;
	__u16 service = lb_flow_service(flow->key);

	if (!is_configured(purge->store, service, lb_flow_backend(flow->data)))
		return true;
	return purge->persist_changed[service] &&
	       purge->store->config.service[service].persist == LB_PERSIST_NONE;
}

static bool is_stale_client(const struct lb_client *client, const struct purge *purge)
{
	__u16 service = lb_client_service(client->key);

	return !is_configured(purge->store, service, lb_client_backend(client->data)) ||
	       purge->persist_changed[service];
}

static void purge_clients(struct store *store, const struct purge *purge)
{
	__u32 buckets = store->control->client_buckets;

	for (__u32 i = 0; i < buckets * LB_BUCKET_CLIENTS; i++) {
		struct lb_client *entry =
			&store->tables.clients[i / LB_BUCKET_CLIENTS].client[i % LB_BUCKET_CLIENTS];
		struct lb_client client = {__atomic_load_n(&entry->key, __ATOMIC_ACQUIRE),
					   __atomic_load_n(&entry->data, __ATOMIC_ACQUIRE)};

		if (client.data && is_stale_client(&client, purge))
			__atomic_compare_exchange_n(&entry->data, &client.data, 0, false,
						    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	}
}

void purge_stale(struct store *store, const bool *persist_changed)
{
	struct purge purge = {store, persist_changed};

	flow_table_delete(store, is_stale_flow, &purge);
	purge_clients(store, &purge);
}
