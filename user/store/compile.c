// SPDX-License-Identifier: GPL-2.0-only
#include "store/compile.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "lb/flow.h"
#include "model/backend_flags.h"
#include "model/endpoint_filter.h"
#include "model/endpoint_table.h"
#include "model/persistence.h"
#include "store/config_diff.h"
#include "store/flow_counts.h"
#include "store/lookup.h"
#include "store/slot_table.h"
#include "store/snat_pool.h"
#include "store/store.h"

/* --- endpoints -------------------------------------------------------------------- */

static enum lb_role role_of(const struct lb_service_config *service, const struct lb_slots *table)
{
	if (service->persist == LB_PERSIST_NONE)
		return LB_ROLE_PERSIST_NONE;
	return table->stateless ? LB_ROLE_STATELESS : LB_ROLE_SERVICE;
}

/* The VIP's port, and the VIP itself for pings. */
static size_t collect_vip(const struct publication *next, __u32 id, struct endpoint_item *items)
{
	const struct lb_service_config *service = &next->store->config.service[id];
	enum lb_role role = role_of(service, &next->store->tables.slots[next->slots[id]]);
	bool is_ipv4 = address_is_ipv4(service->address);

	if (!service->name[0])
		return 0;
	items[0] = (struct endpoint_item){
		.address = {service->address[0], service->address[1]},
		.selector = lb_selector(service->port, service->protocol, role, is_ipv4),
		.id = id,
	};
	items[1] = (struct endpoint_item){
		.address = {service->address[0], service->address[1]},
		.selector = lb_selector(0, IPPROTO_ICMP, LB_ROLE_SERVICE, is_ipv4),
		.id = id,
		.first_only = true,
	};
	return 2;
}

static size_t collect_backend(const struct store *store, __u32 id, struct endpoint_item *item)
{
	const struct lb_backend_config *backend = &store->config.backend[id];
	__u8 protocol = store->config.service[backend->service].protocol;

	if (!backend->service)
		return 0;
	*item = (struct endpoint_item){
		.address = {backend->address[0], backend->address[1]},
		.selector = lb_selector(backend->port, protocol, LB_ROLE_BACKEND,
					address_is_ipv4(backend->address)),
		.id = id,
	};
	return 1;
}

static size_t collect_endpoints(const struct publication *next, struct endpoint_item *items)
{
	const struct store *store = next->store;
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_services; id++)
		count += collect_vip(next, id, items + count);
	count += snat_pool_collect(store, items + count);
	for (__u32 id = 1; id < store->control->max_backends; id++)
		count += collect_backend(store, id, items + count);
	return count;
}

int compile_endpoints(struct publication *next)
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
	return endpoint_table_build(store->tables.endpoints + base, base, entries, items, count,
				    &next->endpoints);
}

/* --- records --------------------------------------------------------------------------- */

static __u32 to_ticks(__u32 ms)
{
	return ((__u64)ms * 1000000 >> LB_TICK_SHIFT) + 1;
}

/* `mode` is that of the backend's service; for an alias, of its owner's service. */
static __u32 compile_flags(const struct store *store, const struct lb_backend_config *config,
			   enum weight_mode mode)
{
	const struct lb_service_config *service = &store->config.service[config->service];
	const struct lb_backend_config *owner =
		config->alias_of ? &store->config.backend[config->alias_of] : config;
	const struct lb_backend_config counted = weight_apply_mode(owner, mode);

	if (!config->alias_of)
		return backend_flags_compile(&counted, service);
	return backend_flags_compile_alias(service, &counted,
					   &store->config.service[owner->service]);
}

/* The id was free, or belonged to another backend. */
static bool is_other_backend(const struct lb_backend *record,
			     const struct lb_backend_config *config)
{
	return record->service != config->service || record->port != config->port ||
	       memcmp(record->address, config->address, sizeof(record->address));
}

static void write_backend(struct store *store, __u32 id, __u32 flags)
{
	const struct lb_backend_config *config = &store->config.backend[id];
	const struct lb_service_config *service = &store->config.service[config->service];
	struct lb_backend *record = &store->tables.backends[id];

	if (is_other_backend(record, config)) {
		flow_counts_reset(store, id);
		*record = (struct lb_backend){
			.address = {config->address[0], config->address[1]},
			.port = config->port,
			.service = config->service,
			.flags = flags,
			.nexthop_src_mac = 1, /* its tick differs from the others': not valid */
		};
	}
	__atomic_store_n(&record->idle_new, to_ticks(service->timeout_new_ms), __ATOMIC_RELAXED);
	__atomic_store_n(&record->idle_established, to_ticks(service->timeout_established_ms),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&record->idle_closing, to_ticks(service->timeout_closing_ms),
			 __ATOMIC_RELAXED);
	record->address_sum =
		address_csum_ttl(address_csum_delta(service->address, config->address));
	record->endpoint_sum =
		endpoint_csum_delta(service->address, service->port, config->address, config->port);
	__atomic_store_n(&record->flags, flags, __ATOMIC_RELEASE);
}

/* True if lb_control.counted has the backend already. */
static bool is_counted(const struct publication *next, __u32 id)
{
	return !next->is_recovery && next->diff->old.backend[id].service &&
	       next->store->tables.backends[id].flags & LB_BACKEND_COUNTED;
}

static void compile_backend(struct publication *next, __u32 id, enum weight_mode mode)
{
	struct store *store = next->store;
	__u32 flags = compile_flags(store, &store->config.backend[id], mode);

	next->counted -= is_counted(next, id);
	write_backend(store, id, flags);
	if (flags & LB_BACKEND_COUNTED) {
		next->counted++;
		next->counted_touched = true;
	}
}

static void write_service(const struct publication *next, __u32 id, __u32 spill)
{
	const struct lb_service_config *config = &next->store->config.service[id];
	struct lb_service *service = &next->store->tables.services[id];

	memcpy(service->address, config->address, sizeof(service->address));
	service->port = config->port;
	service->protocol = config->protocol;
	snat_pool_write(service, config);
	persist_write(service, config);
	__atomic_store_n(&service->spill, spill, __ATOMIC_RELAXED);
	slot_table_announce(next, id);
}

void compile_service(struct publication *next, __u32 service)
{
	struct store *store = next->store;
	__u32 spill = snapshot_spill_target(&store->config, store->control, service), id = 0;
	enum weight_mode mode = config_diff_new_mode(next->diff, service);
	enum weight_mode spill_mode = config_diff_new_mode(next->diff, spill);

	write_service(next, service, spill);
	while ((id = store_next_backend(store, service, id)))
		compile_backend(next, id, store->config.backend[id].alias_of ? spill_mode : mode);
	flow_counts_write(store, service, mode);
}

void compile_removed_backends(struct publication *next)
{
	for (size_t i = 0; i < next->diff->backend_count; i++) {
		const struct backend_change *change = &next->diff->backends[i];

		if (!change->new->service)
			next->counted -= is_counted(next, change->id);
	}
}
