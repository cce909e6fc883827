// SPDX-License-Identifier: GPL-2.0-only
#include "flow_table.h"

#include <time.h>

#include "load.h"
#include "store.h"

__u32 flow_table_now(const struct store *store)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((__u64)now.tv_sec * 1000000000 + now.tv_nsec + store->control->clock_offset_ns) >>
	       LB_TICK_SHIFT;
}

/* False where there is no flow, or where it is changing hands right now. */
static bool read_flow(const struct lb_flow *from, struct lb_flow *flow)
{
	flow->key = __atomic_load_n(&from->key, __ATOMIC_ACQUIRE);
	if (!lb_flow_service(flow->key))
		return false;
	flow->data = __atomic_load_n(&from->data, __ATOMIC_ACQUIRE);
	return flow->key == __atomic_load_n(&from->key, __ATOMIC_ACQUIRE);
}

size_t flow_table_each(const struct store *store, flow_test test, void *argument)
{
	struct lb_flow flow;
	size_t count = 0;

	for (__u32 i = 0; i < store->control->flow_buckets; i++)
		for (__u32 j = 0; j < LB_BUCKET_FLOWS; j++)
			if (read_flow(&store->flows[i].flow[j], &flow))
				count += test(&flow, argument);
	return count;
}

size_t flow_table_forget(struct store *store, flow_test test, void *argument)
{
	struct lb_flow flow;
	size_t count = 0;

	for (__u32 i = 0; i < store->control->flow_buckets; i++) {
		for (__u32 j = 0; j < LB_BUCKET_FLOWS; j++) {
			struct lb_flow *place = &store->flows[i].flow[j];

			if (!read_flow(place, &flow) || !test(&flow, argument))
				continue;
			load_leave(store, place);
			count += __atomic_compare_exchange_n(&place->key, &flow.key, 0, false,
							     __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
		}
	}
	if (count)
		store_room_made(store);
	return count;
}

struct tally {
	__u32 now;
	__u32 max_backends;
	__u64 *counts;
};

static bool tally_one(const struct lb_flow *flow, void *argument)
{
	const struct tally *tally = argument;
	__u16 backend = lb_flow_backend(flow->data);

	if (backend >= tally->max_backends || !lb_flow_alive(flow->data, tally->now))
		return false;
	tally->counts[backend]++;
	return true;
}

void flow_table_tally(const struct store *store, __u64 *counts)
{
	struct tally tally = {flow_table_now(store), store->control->max_backends, counts};

	flow_table_each(store, tally_one, &tally);
}

struct whose {
	__u32 now, service, backend;
};

static bool is_alive_with(const struct lb_flow *flow, void *argument)
{
	const struct whose *whose = argument;

	if (whose->service && lb_flow_service(flow->key) != whose->service)
		return false;
	if (whose->backend && lb_flow_backend(flow->data) != whose->backend)
		return false;
	return lb_flow_alive(flow->data, whose->now);
}

size_t flow_table_alive(const struct store *store, __u32 service, __u32 backend)
{
	struct whose whose = {flow_table_now(store), service, backend};

	return flow_table_each(store, is_alive_with, &whose);
}

const char *flow_state_name(__u8 state)
{
	static const char *const names[LB_FLOW_STATE_COUNT] = {
		[LB_FLOW_NEW] = "new",
		[LB_FLOW_ANSWERED] = "answered",
		[LB_FLOW_ESTABLISHED] = "established",
		[LB_FLOW_CLIENT_FIN] = "client-fin",
		[LB_FLOW_BACKEND_FIN] = "backend-fin",
		[LB_FLOW_LISTENED] = "established",
		[LB_FLOW_TIMED] = "established",
		[LB_FLOW_CLOSED] = "closed",
	};

	return state < LB_FLOW_STATE_COUNT ? names[state] : "?";
}
