// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

#include <string.h>

#include "flow_table.h"
#include "lb/flow.h"
#include "maglev.h"
#include "scheduler.h"
#include "steady.h"
#include "store.h"
#include "weight.h"

static size_t collect_shares(const struct store *store, __u32 service, struct slots_share *shares)
{
	enum lb_scheduler scheduler = store->service[service].scheduler;
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store->backend[id].service == service)
			shares[count++] = (struct slots_share){
				.backend = id,
				.milli = weight_effective_milli(&store->backend[id], scheduler),
				.hash = lb_backend_hash(store->backend[id].address,
							store->backend[id].port,
							store->control->seed),
			};
	return count;
}

/* May one of its backends have so many flows only? */
static bool is_limited(const struct store *store, const struct slots_share *shares, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (store->backend[shares[i].backend].max_flows)
			return true;
	return false;
}

/* What one slot is to others of the same length; members and padding follow from the rest. */
static bool same(const struct lb_slots *a, const struct lb_slots *b)
{
	return a->length == b->length && a->pick == b->pick && a->steady == b->steady &&
	       a->forward == b->forward && a->before_pick == b->before_pick &&
	       a->before_forward == b->before_forward &&
	       !memcmp(a->backend, b->backend, sizeof(a->backend)) &&
	       !memcmp(a->before, b->before, sizeof(a->before));
}

/* The table that packets use, if it is this service's: ids are given again. */
static const struct lb_slots *present_table(const struct publication *next, __u32 service)
{
	const struct store *store = next->store;
	const struct lb_control *control = store->control;
	const struct lb_service_config *before =
		store->service_config + (control->generation & 1) * control->max_services;
	__u32 index = store->services[service].slots;

	if (index / 2 != service || (!before[service].name[0] && !next->trusts_nothing))
		return NULL;
	return &store->slots[index];
}

static bool is_asked(const struct store *store, __u32 service)
{
	return (__s32)(store->services[service].asks_until - flow_table_now(store)) > 0;
}

static int build(struct lb_slots *table, enum lb_scheduler scheduler,
		 const struct slots_share *shares, size_t count)
{
	table->pick = scheduler_pick(scheduler);
	slots_list(table, shares, count);
	return scheduler_hashes(scheduler) ? maglev_build(table, shares, count)
					   : slots_build(table, shares, count);
}

int table_write(struct publication *next, __u32 service, struct slots_share *shares)
{
	struct store *store = next->store;
	const struct lb_service_config *config = &store->service[service];
	const struct lb_slots *present = present_table(next, service);
	__u32 index = store->services[service].slots;
	__u32 other = index == 2 * service ? 2 * service + 1 : 2 * service;
	size_t count = collect_shares(store, service, shares);
	struct lb_slots *table = &store->slots[other];
	int error = build(table, config->scheduler, shares, count);

	if (error)
		return error;
	table->steady = steady_applies(config, is_limited(store, shares, count));
	table->forward = config->forward;
	steady_follow(table, present, is_asked(store, service));
	steady_keep(table, shares, count);
	if (!present || present->steady != table->steady)
		next->endpoints_differ = true;
	next->slots[service] = present && same(table, present) ? index : other;
	return 0;
}

/* How long a flow may be silent, in ticks, at the most. */
static __u32 lease(const struct lb_service_config *config)
{
	return lb_flow_lease(((__u64)config->timeout_established_ms * 1000000 >> LB_TICK_SHIFT) +
			     1);
}

void table_announce(const struct publication *next, __u32 service)
{
	struct store *store = next->store;
	struct lb_service *record = &store->services[service];
	const struct lb_slots *table = &store->slots[next->slots[service]];

	if (next->slots[service] != record->slots && table->before_pick)
		__atomic_store_n(&record->asks_until,
				 flow_table_now(store) + lease(&store->service[service]),
				 __ATOMIC_RELAXED);
	__atomic_store_n(&record->steady, table->steady || table->before_pick, __ATOMIC_RELAXED);
}
