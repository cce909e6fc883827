// SPDX-License-Identifier: GPL-2.0-only
#include "store/publish.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/endpoint_filter.h"
#include "model/persistence.h"
#include "store/compile.h"
#include "store/flow_counts.h"
#include "store/lookup.h"
#include "store/purge.h"
#include "store/slot_table.h"
#include "store/snat_pool.h"

/* --- step 1: what the change affects ---------------------------------------------- */

static bool is_endpoint_changed(const struct service_change *change)
{
	const struct lb_service_config *old = change->old, *new = change->new;

	return new->port != old->port || new->protocol != old->protocol ||
	       memcmp(new->address, old->address, sizeof(new->address)) ||
	       snat_pool_range_differs(new, old) || new->persist != old->persist;
}

static void mark_service(struct publication *next, const struct service_change *change)
{
	bool range_changed = snat_pool_range_differs(change->new, change->old);
	bool persist_changed = persist_differs(change->new, change->old);

	next->service_touched[change->id] = true;
	next->persist_changed[change->id] = persist_changed;
	next->endpoints_changed |= is_endpoint_changed(change);
	next->needs_purge |= !change->new->name[0] || range_changed || persist_changed;
}

static void mark_backend(struct publication *next, const struct backend_change *change)
{
	next->service_touched[change->new->service] = true;
	next->service_touched[change->old->service] = true;
	next->endpoints_changed |= change->new->service != change->old->service;
	next->needs_purge |= !change->new->service;
}

/*
 * An alias has the flags of its backend, so it is written with its backend's service. Returns
 * true if a service was marked, on which others may depend in turn.
 */
static bool mark_spilling_services(struct publication *next)
{
	const struct store *store = next->store;
	bool is_any = false;

	for (__u32 id = 1; id < store->control->max_services; id++) {
		__u32 target = snapshot_spill_target(&store->config, store->control, id);

		if (!next->service_touched[target] || next->service_touched[id])
			continue;
		next->service_touched[id] = is_any = true;
	}
	return is_any;
}

static void mark_changes(struct publication *next)
{
	const struct config_diff *diff = next->diff;

	for (size_t i = 0; i < diff->service_count; i++)
		mark_service(next, &diff->services[i]);
	for (size_t i = 0; i < diff->backend_count; i++)
		mark_backend(next, &diff->backends[i]);
	next->service_touched[0] = false; /* of ids that were free, or are now */
	while (mark_spilling_services(next))
		;
}

/* The killed writer may not have waited: packets may still use the copies to be written. */
static int mark_everything(struct publication *next)
{
	memset(next->service_touched, true, next->store->control->max_services);
	memset(next->persist_changed, true, next->store->control->max_services);
	next->endpoints_changed = true;
	next->needs_purge = true;
	next->is_recovery = true;
	next->counted = 0;
	return rcu_grace_wait(&next->grace);
}

/* --- steps 2 and 3: the unused copies ----------------------------------------------- */

static int build_slot_tables(struct publication *next)
{
	struct store *store = next->store;
	_free_ struct slot_share *shares = calloc(store->control->max_backends, sizeof(*shares));
	int error = shares ? 0 : -ENOMEM;

	for (__u32 id = 1; !error && id < store->control->max_services; id++) {
		next->slots[id] = store->tables.services[id].slots;
		if (store->config.service[id].name[0] && next->service_touched[id])
			error = slot_table_build(next, id, shares);
	}
	return error;
}

static int build_copies(struct publication *next)
{
	int error = build_slot_tables(next);

	if (!error && next->endpoints_changed)
		error = compile_endpoints(next);
	return error;
}

static int open_publication(struct publication *next, struct store *store,
			    const struct config_diff *diff)
{
	const struct lb_control *control = store->control;
	int error;

	*next = (struct publication){
		.store = store,
		.diff = diff,
		.service_touched = calloc(control->max_services, sizeof(*next->service_touched)),
		.persist_changed = calloc(control->max_services, sizeof(*next->persist_changed)),
		.slots = calloc(control->max_services, sizeof(*next->slots)),
		.endpoints = control->endpoints,
		.counted = control->counted,
	};
	memcpy(next->filter, control->filter, sizeof(next->filter));
	error = rcu_grace_prepare(&next->grace);
	if (!error && (!next->service_touched || !next->persist_changed || !next->slots))
		error = -ENOMEM;
	return error;
}

int publish_prepare(struct publication *next, struct store *store, const struct config_diff *diff)
{
	int error = open_publication(next, store, diff);

	if (error)
		return error;
	mark_changes(next);
	return build_copies(next);
}

void publish_release(struct publication *next)
{
	rcu_grace_release(&next->grace);
	free(next->service_touched);
	free(next->persist_changed);
	free(next->slots);
}

/* --- step 4: the commit -------------------------------------------------------------- */

struct committed publish_commit(struct publication *next)
{
	struct lb_control *control = next->store->control;

	__atomic_store_n(&control->generation, control->generation + 1, __ATOMIC_SEQ_CST);
	return (struct committed){next};
}

/* --- steps 5 to 11: packets see the change -------------------------------------------- */

static bool is_written(const struct publication *next, __u32 service)
{
	return next->service_touched[service] && next->store->config.service[service].name[0];
}

/* Packets do not use these records before the switch, or take either value. */
static void write_records(struct publication *next)
{
	for (__u32 id = 1; id < next->store->control->max_services; id++)
		if (is_written(next, id))
			compile_service(next, id);
	compile_removed_backends(next);
}

/* The number of counted backends keeps the sweep running, which ends itself at 0. */
static int count_flows(const struct publication *next)
{
	__atomic_store_n(&next->store->control->counted, next->counted, __ATOMIC_RELEASE);
	return next->counted_touched ? flow_counts_start(next->store, &next->grace) : 0;
}

/* The filter passes the endpoints of both copies meanwhile. */
static void switch_copies(const struct publication *next)
{
	struct store *store = next->store;

	endpoint_filter_widen(store->control, next->filter);
	__atomic_store_n(&store->control->endpoints, next->endpoints, __ATOMIC_RELEASE);
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (next->slots[id] != store->tables.services[id].slots)
			__atomic_store_n(&store->tables.services[id].slots, next->slots[id],
					 __ATOMIC_RELEASE);
}

static void end_switch(const struct publication *next)
{
	endpoint_filter_narrow(next->store->control, next->filter);
	for (__u32 id = 1; id < next->store->control->max_services; id++)
		if (is_written(next, id))
			slot_table_finish(next, id);
}

static int purge(const struct publication *next)
{
	if (!next->needs_purge)
		return 0;
	purge_stale(next->store, next->persist_changed);
	return rcu_grace_wait(&next->grace);
}

int publish_activate(struct committed committed)
{
	struct publication *next = committed.publication;
	struct lb_control *control = next->store->control;
	int error;

	write_records(next);
	error = count_flows(next);
	switch_copies(next); /* even so: what packets see must agree with the records */
	if (!error)
		error = rcu_grace_wait(&next->grace);
	if (error)
		return error;
	end_switch(next);
	error = purge(next);
	if (!error)
		__atomic_store_n(&control->published, control->generation, __ATOMIC_RELEASE);
	return error;
}

int publish_recover(struct store *store, const struct config_diff *diff)
{
	struct publication next;
	int error = open_publication(&next, store, diff);

	if (!error)
		error = mark_everything(&next);
	if (!error)
		error = build_copies(&next);
	if (!error)
		error = publish_activate((struct committed){&next}); /* it is already */
	publish_release(&next);
	return error;
}
