// SPDX-License-Identifier: GPL-2.0-only
#include "store/slot_table.h"

#include <string.h>

#include "lb/flow.h"
#include "model/maglev.h"
#include "model/scheduler.h"
#include "model/stateless.h"
#include "model/weight.h"
#include "store/flow_table.h"
#include "store/store.h"

static size_t collect_shares(const struct store *store, __u32 service, struct slot_share *shares)
{
	enum lb_scheduler scheduler = store->service[service].scheduler;
	__u32 max_backends = store->control->max_backends;
	enum weight_mode mode = store_weight_mode(store, service);
	size_t count = 0;

	for (__u32 id = 1; id < max_backends; id++) {
		struct lb_backend_config counted;

		if (!store_service_owns(store, service, id))
			continue;
		counted = weight_apply_mode(&store->backend[id], mode);
		shares[count++] = (struct slot_share){
			.backend = id,
			.milli = weight_effective_milli(&counted, scheduler),
			.hash = lb_backend_hash(counted.address, counted.port,
						store->control->seed),
		};
	}
	return count;
}

/* May one of its backends have so many flows only? */
static bool is_limited(const struct store *store, const struct slot_share *shares, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (store->backend[shares[i].backend].max_flows)
			return true;
	return false;
}

/* What one slot is to others of the same length; members and padding follow from the rest. */
static bool is_same_table(const struct lb_slots *a, const struct lb_slots *b)
{
	return a->length == b->length && a->pick == b->pick && a->stateless == b->stateless &&
	       a->forward == b->forward && a->previous_pick == b->previous_pick &&
	       a->previous_forward == b->previous_forward &&
	       !memcmp(a->backend, b->backend, sizeof(a->backend)) &&
	       !memcmp(a->previous, b->previous, sizeof(a->previous));
}

/* The table that packets use, if it is this service's: ids are given again. */
static const struct lb_slots *current_table(const struct publication *next, __u32 service)
{
	const struct store *store = next->store;
	const struct lb_control *control = store->control;
	const struct lb_service_config *previous =
		store->service_config + (control->generation & 1) * control->max_services;
	__u32 index = store->services[service].slots;

	if (index / 2 != service || (!previous[service].name[0] && !next->is_recovery))
		return NULL;
	return &store->slots[index];
}

/* Do packets ask for the before[] of a table? */
static bool is_in_transition(const struct store *store, __u32 service, __u32 index)
{
	return (__s32)(store->services[service].transition_until[index & 1] -
		       flow_clock_now(store)) > 0;
}

static int build(struct lb_slots *table, enum lb_scheduler scheduler,
		 const struct slot_share *shares, size_t count)
{
	table->pick = scheduler_pick(scheduler);
	slot_order_list_members(table, shares, count);
	return scheduler_is_hash(scheduler) ? maglev_build(table, shares, count)
					    : slot_order_build(table, shares, count);
}

int slot_table_write(struct publication *next, __u32 service, struct slot_share *shares)
{
	struct store *store = next->store;
	const struct lb_service_config *config = &store->service[service];
	const struct lb_slots *current = current_table(next, service);
	__u32 index = store->services[service].slots;
	__u32 other = index == 2 * service ? 2 * service + 1 : 2 * service;
	size_t count = collect_shares(store, service, shares);
	struct lb_slots *table = &store->slots[other];
	int error = build(table, config->scheduler, shares, count);

	if (error)
		return error;
	table->stateless = stateless_is_possible(config, is_limited(store, shares, count));
	table->forward = config->forward;
	table->copy = other & 1;
	stateless_fill_previous(table, current, is_in_transition(store, service, index));
	stateless_prune_previous(table, shares, count);
	if (!current || current->stateless != table->stateless)
		next->endpoints_changed = true;
	next->slots[service] = current && is_same_table(table, current) ? index : other;
	return 0;
}

/* How long a flow may be silent, in ticks, at the most. */
static __u32 max_idle_ticks(const struct lb_service_config *config)
{
	return lb_flow_lease(((__u64)config->timeout_established_ms * 1000000 >> LB_TICK_SHIFT) +
			     1);
}

/* Has a table something to say of flows that are not remembered? */
static bool handles_untracked(const struct lb_slots *table)
{
	return table->stateless || table->previous_pick;
}

void slot_table_announce(const struct publication *next, __u32 service)
{
	struct store *store = next->store;
	struct lb_service *record = &store->services[service];
	const struct lb_slots *table = &store->slots[next->slots[service]];

	if (next->slots[service] != record->slots)
		__atomic_store_n(&record->transition_until[table->copy],
				 flow_clock_now(store) + max_idle_ticks(&store->service[service]),
				 __ATOMIC_RELAXED);
	if (handles_untracked(table))
		__atomic_store_n(&record->handles_untracked, true, __ATOMIC_RELEASE);
}

/* Has anything ever been sent to a backend of the service? */
static bool has_traffic(const struct store *store, __u32 service)
{
	const struct lb_service_config *config = &store->service[service];

	if (config->past_packets)
		return true;
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store->backend[id].service == service && store_traffic(store, id).packets)
			return true;
	return false;
}

void slot_table_finish(const struct publication *next, __u32 service)
{
	struct store *store = next->store;

	struct lb_service *record = &store->services[service];
	const struct lb_slots *table = &store->slots[record->slots];

	__atomic_store_n(&record->handles_untracked, handles_untracked(table), __ATOMIC_RELAXED);
	if (is_in_transition(store, service, record->slots) && !has_traffic(store, service))
		__atomic_store_n(&record->transition_until[table->copy], 0, __ATOMIC_RELAXED);
}
