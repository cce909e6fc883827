/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports of our own, which backends see in the clients' place. The port is a flow's place
 * in a table: a flow's hash names two buckets of eight ports, each of one of the service's source
 * addresses, and the place that is found free there is the endpoint that the flow
 * speaks from. A reply's address and port are an index; nothing is searched.
 *
 * A place is claimed as in the flow memory (bpf/flow/flow_table.h), and for the same reasons: a free
 * one, one whose flow is over, a half-open one (the oldest), and then none.
 */
#ifndef BPF_FLOW_SNAT_PORTS_H
#define BPF_FLOW_SNAT_PORTS_H

#include "flow/flow_state.h"
#include "flow/flow_table.h"

#define SNAT_TIMING_KEY (1ULL << 63) /* in the key of a moment: a place, no flow of the memory */

/* A look for a client's flow with a service among the ports. */
struct snat_lookup {
	__u64 client[2];
	__u64 key;
	__u64 hash;
	__u64 data; /* of the flow that was found */
	__u64 victim_key; /* of who has the place that a new flow would take */
	__u32 snat_index; /* of the flow that was found; 0 = it was not */
	__u32 victim; /* place for a new flow; 0 = none */
	__u32 now; /* tick */
	__u16 snat_first;
	__u16 snat_count;
};

/* Looks at one place; true if the flow is there. Remembers the best room. */
static __always_inline bool check_entry(struct snat_lookup *lookup, __u32 snat_index, __u64 *lowest)
{
	struct lb_snat_entry *port = snat_entry_get(snat_index);
	__u64 key, data, priority;

	if (!port)
		return false;
	key = *(volatile __u64 *)&port->flow.key;
	data = *(volatile __u64 *)&port->flow.data;
	if (key == lookup->key && port->client[0] == lookup->client[0] &&
	    port->client[1] == lookup->client[1]) {
		lookup->snat_index = snat_index;
		lookup->data = data;
		return true;
	}
	priority = key && !lb_flow_service(key) ? ~0ULL : entry_priority(key, data, lookup->now);
	if (priority < *lowest && rank_of_priority(priority) < FLOW_RANK_PROTECTED) {
		*lowest = priority;
		lookup->victim = snat_index;
		lookup->victim_key = key;
	}
	return false;
}

/* Finds the flow, or room for it. A function of its own, verified once. */
__noinline int snat_find(struct snat_lookup *lookup)
{
	__u64 lowest = ~0ULL;

	if (!lookup)
		return -1;
	lookup->snat_index = lookup->victim = 0;
	for (__u32 attempt = 0; attempt < LB_SNAT_BUCKETS_TRIED; attempt++) {
		__u32 first = lb_snat_bucket(lookup->hash, attempt, lookup->snat_first,
					     lookup->snat_count);

		for (__u32 i = 0; i < LB_SNAT_BUCKET_PORTS; i++)
			if (check_entry(lookup, first + i, &lowest))
				return 0;
	}
	return 0;
}

/* A place's flow is counted or not, as its data says; what it was before no longer is. */
static __always_inline void snat_replace_data(struct lb_snat_entry *port, __u64 data)
{
	__u64 before = __sync_lock_test_and_set(&port->flow.data, data);

	if (before & LB_FLOW_COUNTED)
		load_add(lb_flow_backend(before), -1);
	if (data & LB_FLOW_COUNTED)
		load_add(lb_flow_backend(data), 1);
}

/* Gives the visit's flow the room that was found; false if another took it. */
static __always_inline bool snat_insert(const struct snat_lookup *lookup,
					const struct target *target)
{
	__u32 expires = lookup->now + lb_flow_lease(lb_flow_idle(target->backend, LB_FLOW_NEW));
	__u64 counted = backend_is_counted(target->backend) ? LB_FLOW_COUNTED : 0;
	struct lb_snat_entry *port = snat_entry_get(lookup->victim);

	if (!port || __sync_val_compare_and_swap(&port->flow.key, lookup->victim_key,
						 LB_FLOW_BUSY) != lookup->victim_key)
		return false;
	port->client[0] = lookup->client[0];
	port->client[1] = lookup->client[1];
	snat_replace_data(port, counted | lb_flow_data(target->id, LB_FLOW_NEW, LB_FORWARD_SNAT,
						       lookup->now >> LB_CREATED_SHIFT, expires));
	*(volatile __u64 *)&port->flow.key = lookup->key;
	return true;
}

/* Gives the place of the visit's flow back; its count ends when another takes it, or by the sweep. */
static __always_inline void snat_delete(const struct snat_lookup *lookup)
{
	struct lb_snat_entry *port = snat_entry_get(lookup->snat_index);

	if (port)
		__sync_val_compare_and_swap(&port->flow.key, lookup->key, 0);
}

/*
 * Writes what a packet makes of the flow at a place, unless nothing changes. A packet of
 * the other direction that comes in between writes the same or later.
 */
static __always_inline void snat_update(__u32 snat_index, const struct packet *packet,
					const struct lb_backend *backend, __u64 data, bool is_reply)
{
	struct lb_snat_entry *port = snat_entry_get(snat_index);
	struct flow_update update;
	__u64 next;

	if (!port || !needs_update(data, packet, backend, is_reply))
		return;
	update = update_of(packet, SNAT_TIMING_KEY | snat_index, data, backend, is_reply);
	next = next_data(data, &update, backend);
	if (__sync_val_compare_and_swap(&port->flow.data, data, next) == data)
		load_update(data, next);
}

/* The endpoint that a place is. */
static __always_inline const __u64 *snat_address(__u32 snat_index)
{
	return (const __u64 *)
		control.snat_sources[snat_index / LB_SNAT_PORTS & (LB_SNAT_SOURCES_MAX - 1)];
}

static __always_inline __be16 snat_port(__u32 snat_index)
{
	return bpf_htons(snat_index & (LB_SNAT_PORTS - 1));
}

#endif
