// SPDX-License-Identifier: GPL-2.0-only
#include "store/spillover.h"

#include <errno.h>
#include <stdlib.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "model/persistence.h"
#include "store/edit.h"
#include "store/flow_table.h"
#include "store/lookup.h"

static __u32 target_of(const struct store *store, __u32 service)
{
	return snapshot_spill_target(&store->config, store->control, service);
}

__u32 spillover_source(const struct store *store, __u32 target)
{
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (id != target && target_of(store, id) == target)
			return id;
	return 0;
}

/* --- removal of aliases ------------------------------------------------------------------ */

/* The service spills, or did so in the committed configuration. */
static bool may_have_aliases(const struct store *store, __u32 service)
{
	return store->config.service[service].spill[0] ||
	       store_committed(store)->service[service].spill[0];
}

/*
 * The next alias of a service that stands for a deleted backend, or for a backend of a service that
 * is not the target. 0 = none.
 */
static __u32 next_stale(const struct store *store, __u32 service, __u32 after)
{
	__u32 target = target_of(store, service), id = after;

	while ((id = store_next_backend(store, service, id))) {
		__u16 owner = store->config.backend[id].alias_of;

		if (owner && !(target && store_service_owns(store, target, owner)))
			return id;
	}
	return 0;
}

static bool has_stale(const struct store *store)
{
	for (__u32 service = 1; service < store->control->max_services; service++)
		if (may_have_aliases(store, service) && next_stale(store, service, 0))
			return true;
	return false;
}

static int check_no_flows(const struct store *store, __u64 *flows)
{
	_free_ __u64 *counts = calloc(store->control->max_backends, sizeof(*counts));

	if (!counts)
		return -ENOMEM;
	flow_table_count_per_backend(store, counts);
	for (__u32 service = 1; service < store->control->max_services; service++) {
		__u32 id = 0;

		while (may_have_aliases(store, service) && (id = next_stale(store, service, id)))
			*flows += counts[id];
	}
	return *flows ? SPILLOVER_FLOWS_ALIVE : 0;
}

static int remove_stale(struct store *store, bool force, struct spillover_conflict *conflict)
{
	int error;

	if (!has_stale(store))
		return 0;
	error = force ? 0 : check_no_flows(store, &conflict->flows);
	for (__u32 service = 1; !error && service < store->control->max_services; service++) {
		__u32 id = 0;

		while (may_have_aliases(store, service) && (id = next_stale(store, service, id)))
			edit_remove_backend(store, id);
	}
	return error;
}

/* --- addition of aliases ----------------------------------------------------------------- */

static int check_pair(const struct store *store, __u32 id, __u32 target)
{
	const struct lb_service_config *service = &store->config.service[id];
	const struct lb_service_config *other = &store->config.service[target];

	if (!target)
		return SPILLOVER_NO_TARGET;
	if (id == target)
		return SPILLOVER_SELF;
	if (service->protocol != other->protocol ||
	    address_is_ipv4(service->address) != address_is_ipv4(other->address))
		return SPILLOVER_OTHER_KIND;
	if (persist_needs_exclusive_backends(service) && persist_needs_exclusive_backends(other))
		return SPILLOVER_PERSIST_NONE;
	return 0;
}

/* Marks, by id, the backends that have an alias in the service. */
static void mark_owners(const struct store *store, __u32 service, bool *marks)
{
	__u32 id = 0;

	while ((id = store_next_backend(store, service, id)))
		marks[store->config.backend[id].alias_of] = true;
}

static int add_alias(struct store *store, __u32 owner, __u32 service)
{
	const struct lb_backend_config *original = &store->config.backend[owner];
	const struct lb_service_config *config = &store->config.service[service];
	const struct lb_backend_config alias = {
		.address = {original->address[0], original->address[1]},
		.port = original->port,
		.service = service,
		.override_milli = LB_NO_OVERRIDE,
		.alias_of = owner,
	};
	int error = edit_check_shared(store, config, alias.address, alias.port);
	__u32 id;

	return error ? error : edit_add_backend(store, &alias, &id);
}

/* Checks backends that have an alias as well: the service's forwarding mode may have changed. */
static int add_missing(struct store *store, struct spillover_conflict *conflict)
{
	const struct lb_service_config *service = &store->config.service[conflict->service];
	_free_ bool *has_alias = calloc(store->control->max_backends, sizeof(*has_alias));
	int error = has_alias ? check_pair(store, conflict->service, conflict->target) : -ENOMEM;
	__u32 id = 0;

	if (error)
		return error;
	mark_owners(store, conflict->service, has_alias);
	while ((id = store_next_backend(store, conflict->target, id))) {
		const struct lb_backend_config *backend = &store->config.backend[id];

		if (backend->alias_of)
			continue;
		conflict->backend = id;
		error = edit_check_reach(service, backend->address, backend->port);
		if (!error && !has_alias[id])
			error = add_alias(store, id, conflict->service);
		if (error)
			return error;
	}
	return 0;
}

int spillover_update(struct store *store, bool force, struct spillover_conflict *conflict)
{
	int error;

	*conflict = (struct spillover_conflict){0};
	error = remove_stale(store, force, conflict);
	for (__u32 id = 1; !error && id < store->control->max_services; id++) {
		if (!store->config.service[id].spill[0])
			continue;
		conflict->service = id;
		conflict->target = target_of(store, id);
		error = add_missing(store, conflict);
	}
	return error;
}
