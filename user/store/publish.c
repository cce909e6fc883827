// SPDX-License-Identifier: GPL-2.0-only
#include "store/publish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "lb/flow.h"
#include "model/backend_flags.h"
#include "model/endpoint_filter.h"
#include "model/endpoint_table.h"
#include "model/persistence.h"
#include "model/slot_order.h"
#include "store/flow_counts.h"
#include "store/purge.h"
#include "store/slot_table.h"
#include "store/snat_pool.h"
#include "store/store.h"

/* Is it another endpoint, or gone, or new? */
static bool endpoint_differs(const __u64 a[2], __be16 a_port, const __u64 b[2], __be16 b_port)
{
	return a_port != b_port || a[0] != b[0] || a[1] != b[1];
}

/* The snapshot that holds. */
static __u64 current_snapshot(const struct store *store)
{
	return store->control->generation & 1;
}

static void compare_services(struct publication *next)
{
	const struct store *store = next->store;
	const struct lb_service_config *before =
		store->service_config + current_snapshot(store) * store->control->max_services;

	for (__u32 id = 1; id < store->control->max_services; id++) {
		const struct lb_service_config *now = &store->service[id];
		const struct lb_service_config *old = &before[id];

		if (!memcmp(now, old, sizeof(*now)))
			continue;
		next->service_touched[id] = true;
		if (endpoint_differs(now->address, now->port, old->address, old->port) ||
		    now->protocol != old->protocol || snat_pool_range_differs(now, old) ||
		    now->persist != old->persist)
			next->endpoints_changed = true;
		next->persist_changed[id] = persist_differs(now, old);
		if (!now->name[0] || snat_pool_range_differs(now, old) || next->persist_changed[id])
			next->needs_purge = true;
	}
}

static void compare_backends(struct publication *next)
{
	const struct store *store = next->store;
	const struct lb_backend_config *before =
		store->backend_config + current_snapshot(store) * store->control->max_backends;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *now = &store->backend[id];
		const struct lb_backend_config *old = &before[id];

		if (!memcmp(now, old, sizeof(*now)))
			continue;
		next->service_touched[now->service] = true;
		next->service_touched[old->service] = true;
		if (now->service != old->service)
			next->endpoints_changed = true;
		if (!now->service)
			next->needs_purge = true;
	}
}

static __u32 to_ticks(__u32 ms)
{
	return ((__u64)ms * 1000000 >> LB_TICK_SHIFT) + 1;
}

/* By the mode of its service, or for a deputy of its owner's. */
static __u32 compile_flags(const struct store *store, const struct lb_backend_config *config,
			   enum weight_mode mode)
{
	const struct lb_service_config *service = &store->service[config->service];
	const struct lb_backend_config *owner =
		config->alias_of ? &store->backend[config->alias_of] : config;
	const struct lb_backend_config counted = weight_apply_mode(owner, mode);

	if (!config->alias_of)
		return backend_flags_compile(&counted, service);
	return backend_flags_compile_alias(service, &counted, &store->service[owner->service]);
}

static void write_backend(struct store *store, __u32 id, enum weight_mode mode)
{
	const struct lb_backend_config *config = &store->backend[id];
	const struct lb_service_config *service = &store->service[config->service];
	struct lb_backend *backend = &store->backends[id];
	__u32 flags = compile_flags(store, config, mode);

	if (backend->service != config->service ||
	    endpoint_differs(backend->address, backend->port, config->address, config->port)) {
		flow_counts_reset(store, id);
		*backend = (struct lb_backend){
			.address = {config->address[0], config->address[1]},
			.port = config->port,
			.service = config->service,
			.flags = flags,
			.nexthop_src_mac = 1, /* not known */
		};
	}
	__atomic_store_n(&backend->idle_new, to_ticks(service->timeout_new_ms), __ATOMIC_RELAXED);
	__atomic_store_n(&backend->idle_established, to_ticks(service->timeout_established_ms),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&backend->idle_closing, to_ticks(service->timeout_closing_ms),
			 __ATOMIC_RELAXED);
	backend->address_sum =
		address_csum_ttl(address_csum_delta(service->address, config->address));
	backend->endpoint_sum =
		endpoint_csum_delta(service->address, service->port, config->address, config->port);
	__atomic_store_n(&backend->flags, flags, __ATOMIC_RELEASE);
}

static void write_service(const struct publication *next, __u32 id)
{
	struct store *store = next->store;
	const struct lb_service_config *config = &store->service[id];
	struct lb_service *service = &store->services[id];

	memcpy(service->address, config->address, sizeof(service->address));
	service->port = config->port;
	service->protocol = config->protocol;
	snat_pool_write(service, config);
	persist_write(service, config);
	__atomic_store_n(&service->spill, store_service_by_name(store, config->spill),
			 __ATOMIC_RELAXED);
	slot_table_announce(next, id);
}

static int write_services(struct publication *next)
{
	struct store *store = next->store;
	_free_ struct slot_share *shares = calloc(store->control->max_backends, sizeof(*shares));
	int error = shares ? 0 : -ENOMEM;

	for (__u32 id = 1; !error && id < store->control->max_services; id++) {
		next->slots[id] = store->services[id].slots;
		if (store->service[id].name[0] && next->service_touched[id])
			error = slot_table_write(next, id, shares);
	}
	return error;
}

static enum lb_role role_of(const struct lb_service_config *service, const struct lb_slots *table)
{
	if (service->persist == LB_PERSIST_NONE)
		return LB_ROLE_PERSIST_NONE;
	return table->stateless ? LB_ROLE_STATELESS : LB_ROLE_SERVICE;
}

static size_t collect_endpoints(const struct publication *next, struct endpoint_item *items)
{
	const struct store *store = next->store;
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_services; id++) {
		const struct lb_service_config *service = &store->service[id];

		if (!service->name[0])
			continue;
		items[count++] = (struct endpoint_item){
			.address = {service->address[0], service->address[1]},
			.selector = lb_selector(service->port, service->protocol,
						role_of(service, &store->slots[next->slots[id]]),
						address_is_ipv4(service->address)),
			.id = id,
		};
		items[count++] = (struct endpoint_item){
			/* for pings */
			.address = {service->address[0], service->address[1]},
			.selector = lb_selector(0, IPPROTO_ICMP, LB_ROLE_SERVICE,
						address_is_ipv4(service->address)),
			.id = id,
			.first_only = true,
		};
	}
	count += snat_pool_collect(store, items + count);
	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *backend = &store->backend[id];
		__u8 protocol = store->service[backend->service].protocol;

		if (backend->service)
			items[count++] = (struct endpoint_item){
				.address = {backend->address[0], backend->address[1]},
				.selector = lb_selector(backend->port, protocol, LB_ROLE_BACKEND,
							address_is_ipv4(backend->address)),
				.id = id,
			};
	}
	return count;
}

/* Builds the other copy of the directory. */
static int write_endpoint_table(struct publication *next)
{
	struct store *store = next->store;
	struct lb_control *control = store->control;
	__u32 entries = store_endpoint_entries(control);
	__u32 base = control->endpoints >> 32 ? 0 : entries;
	_free_ struct endpoint_item *items = NULL;
	size_t count;

	items = calloc(2 * control->max_services + control->max_sources + control->max_backends,
		       sizeof(*items));
	if (!items)
		return -ENOMEM;
	count = collect_endpoints(next, items);
	endpoint_filter_build(items, count, next->filter);
	return endpoint_table_build(store->endpoints + base, base, entries, items, count,
				    &next->endpoints);
}

static bool is_in_use(const struct store *store, __u32 id)
{
	return store->service[id].name[0];
}

static void write_pool(const struct publication *next, __u32 service)
{
	struct store *store = next->store;
	__u32 count = store->control->max_backends;
	__u32 other = store_service_by_name(store, store->service[service].spill);
	enum weight_mode mode = store_weight_mode(store, service);
	enum weight_mode spill_mode = store_weight_mode(store, other);

	write_service(next, service);
	for (__u32 id = 1; id < count; id++)
		if (store->backend[id].service == service)
			write_backend(store, id, store->backend[id].alias_of ? spill_mode : mode);
	flow_counts_write_prices(store, service, mode);
	flow_counts_write_limits(store, service, mode);
}

/* What is written in place, of no interest to a packet before the switch, or harmless. */
static void write_records(const struct publication *next)
{
	struct store *store = next->store;

	for (__u32 id = 1; id < store->control->max_services; id++)
		if (is_in_use(store, id) && next->service_touched[id])
			write_pool(next, id);
}

/* The switch: from here on packets see what was written. */
static void switch_over(const struct publication *next)
{
	struct store *store = next->store;

	endpoint_filter_widen(store->control, next->filter);
	__atomic_store_n(&store->control->endpoints, next->endpoints, __ATOMIC_RELEASE);
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (next->slots[id] != store->services[id].slots)
			__atomic_store_n(&store->services[id].slots, next->slots[id],
					 __ATOMIC_RELEASE);
}

/* The copies not in use may still be: whoever was killed had not waited. */
static int mark_everything(struct publication *next)
{
	memset(next->service_touched, true, next->store->control->max_services);
	memset(next->persist_changed, true, next->store->control->max_services);
	next->endpoints_changed = true;
	next->needs_purge = true;
	next->is_recovery = true;
	return rcu_grace_wait(&next->grace);
}

/* Deputies are written with their backends' services, by whose flags theirs go. */
static void compare_aliases(struct publication *next)
{
	const struct store *store = next->store;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *alias = &store->backend[id];

		if (alias->alias_of &&
		    next->service_touched[store->backend[alias->alias_of].service])
			next->service_touched[alias->service] = true;
	}
}

static void compare(struct publication *next)
{
	compare_services(next);
	compare_backends(next);
	compare_aliases(next);
}

int publish_prepare(struct publication *next, struct store *store, bool everything)
{
	const struct lb_control *control = store->control;
	int error;

	*next = (struct publication){
		.store = store,
		.service_touched = calloc(control->max_services, sizeof(*next->service_touched)),
		.persist_changed = calloc(control->max_services, sizeof(*next->persist_changed)),
		.slots = calloc(control->max_services, sizeof(*next->slots)),
		.endpoints = control->endpoints,
	};
	memcpy(next->filter, control->filter, sizeof(next->filter));
	error = rcu_grace_prepare(&next->grace);
	if (!error && (!next->service_touched || !next->persist_changed || !next->slots))
		error = -ENOMEM;
	if (!error && everything)
		error = mark_everything(next);
	else if (!error)
		compare(next);
	if (!error)
		error = write_services(next);
	if (!error && next->endpoints_changed)
		error = write_endpoint_table(next);
	return error;
}

/* What may be done once no packet uses what was before. */
static void finish(const struct publication *next)
{
	struct store *store = next->store;

	endpoint_filter_narrow(store->control, next->filter);
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (is_in_use(store, id) && next->service_touched[id])
			slot_table_finish(next, id);
}

int publish_activate(struct publication *next)
{
	struct store *store = next->store;
	struct lb_control *control = store->control;
	int error;

	write_records(next);
	error = flow_counts_start(next);
	switch_over(next);
	if (!error)
		error = rcu_grace_wait(&next->grace);
	if (!error)
		finish(next);
	if (!error && next->needs_purge) {
		purge_stale(store, next->persist_changed);
		error = rcu_grace_wait(&next->grace); /* before the ids are given to others */
	}
	if (!error)
		__atomic_store_n(&control->published, control->generation, __ATOMIC_RELEASE);
	return error;
}

void publish_release(struct publication *next)
{
	rcu_grace_release(&next->grace);
	free(next->service_touched);
	free(next->persist_changed);
	free(next->slots);
}
