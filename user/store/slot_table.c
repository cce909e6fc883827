// SPDX-License-Identifier: GPL-2.0-only
#include "store/slot_table.h"

#include <string.h>

#include "lb/flow.h"
#include "model/maglev.h"
#include "model/scheduler.h"
#include "model/stateless.h"
#include "model/weight.h"
#include "store/config_diff.h"
#include "store/counters.h"
#include "store/flow_clock.h"
#include "store/lookup.h"
#include "store/store.h"

/* --- build --------------------------------------------------------------------------- */

static size_t collect_shares(const struct publication *next, __u32 service,
			     struct slot_share *shares)
{
	const struct store *store = next->store;
	enum lb_scheduler scheduler = store->config.service[service].scheduler;
	enum weight_mode mode = config_diff_new_mode(next->diff, service);
	size_t count = 0;
	__u32 id = 0;

	while ((id = store_next_backend(store, service, id))) {
		struct lb_backend_config counted;

		if (!store_service_owns(store, service, id))
			continue;
		counted = weight_apply_mode(&store->config.backend[id], mode);
		shares[count++] = (struct slot_share){
			.backend = id,
			.milli = weight_effective_milli(&counted, scheduler),
			.hash = lb_backend_hash(counted.address, counted.port,
						store->control->seed),
		};
	}
	return count;
}

/* True if one of the backends has a limit of flows. */
static bool is_limited(const struct store *store, const struct slot_share *shares, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (store->config.backend[shares[i].backend].max_flows)
			return true;
	return false;
}

/* Compares what tables of equal length are made of; members and reciprocal follow from it. */
static bool is_same_table(const struct lb_slots *a, const struct lb_slots *b)
{
	return a->length == b->length && a->pick == b->pick && a->stateless == b->stateless &&
	       a->forward == b->forward && a->previous_pick == b->previous_pick &&
	       a->previous_forward == b->previous_forward &&
	       !memcmp(a->backend, b->backend, sizeof(a->backend)) &&
	       !memcmp(a->previous, b->previous, sizeof(a->previous));
}

/* The table in use. NULL if it is that of a former service with the same id, or unused. */
static const struct lb_slots *current_table(const struct publication *next, __u32 service)
{
	const struct store *store = next->store;
	__u32 index = store->tables.services[service].slots;
	bool is_new = !next->diff->old.service[service].name[0] && !next->is_recovery;

	return index / 2 != service || is_new ? NULL : &store->tables.slots[index];
}

/* True if packets still look up the previous owners in a table. */
static bool is_in_transition(const struct store *store, __u32 service, __u32 index)
{
	return (__s32)(store->tables.services[service].transition_until[index & 1] -
		       flow_clock_now(store)) > 0;
}

static int fill(struct lb_slots *table, enum lb_scheduler scheduler,
		const struct slot_share *shares, size_t count)
{
	table->pick = scheduler_pick(scheduler);
	slot_order_list_members(table, shares, count);
	return scheduler_is_hash(scheduler) ? maglev_build(table, shares, count)
					    : slot_order_build(table, shares, count);
}

int slot_table_build(struct publication *next, __u32 service, struct slot_share *shares)
{
	struct store *store = next->store;
	const struct lb_service_config *config = &store->config.service[service];
	const struct lb_slots *current = current_table(next, service);
	__u32 index = store->tables.services[service].slots;
	__u32 other = index == 2 * service ? 2 * service + 1 : 2 * service;
	size_t count = collect_shares(next, service, shares);
	struct lb_slots *table = &store->tables.slots[other];
	int error = fill(table, config->scheduler, shares, count);

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

/* --- the service's record -------------------------------------------------------------- */

/* The longest time that a flow may be idle, in ticks. */
static __u32 max_idle_ticks(const struct lb_service_config *config)
{
	return lb_flow_lease(((__u64)config->timeout_established_ms * 1000000 >> LB_TICK_SHIFT) +
			     1);
}

/* True if packets of untracked flows need the table, for the owner or the previous owner. */
static bool handles_untracked(const struct lb_slots *table)
{
	return table->stateless || table->previous_pick;
}

void slot_table_announce(const struct publication *next, __u32 service)
{
	struct store *store = next->store;
	struct lb_service *record = &store->tables.services[service];
	const struct lb_slots *table = &store->tables.slots[next->slots[service]];

	if (next->slots[service] != record->slots)
		__atomic_store_n(&record->transition_until[table->copy],
				 flow_clock_now(store) +
					 max_idle_ticks(&store->config.service[service]),
				 __ATOMIC_RELAXED);
	if (handles_untracked(table))
		__atomic_store_n(&record->handles_untracked, true, __ATOMIC_RELEASE);
}

/* True if the service ever had a packet. */
static bool has_traffic(const struct store *store, __u32 service)
{
	__u32 id = 0;

	if (store->config.service[service].past_packets)
		return true;
	while ((id = store_next_backend(store, service, id)))
		if (store_traffic(store, id).packets)
			return true;
	return false;
}

void slot_table_finish(const struct publication *next, __u32 service)
{
	struct store *store = next->store;
	struct lb_service *record = &store->tables.services[service];
	const struct lb_slots *table = &store->tables.slots[record->slots];

	__atomic_store_n(&record->handles_untracked, handles_untracked(table), __ATOMIC_RELAXED);
	if (is_in_transition(store, service, record->slots) && !has_traffic(store, service))
		__atomic_store_n(&record->transition_until[table->copy], 0, __ATOMIC_RELAXED);
}
