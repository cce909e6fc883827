/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SNAT ports: allocation of the source address and port that a backend sees in snat mode.
 *
 * The port is the flow's index in a table. A flow's hash selects two buckets of eight ports, each
 * at one of the service's SNAT source addresses; the flow takes a port of them. A reply's
 * destination address and port are an index, so nothing has to be searched.
 *
 * A port is taken by the rules of flow/flow_table.h: a free one, one with an ended flow, or the
 * oldest half-open one. If there is none, the flow gets no port.
 */
#ifndef BPF_FLOW_SNAT_PORTS_H
#define BPF_FLOW_SNAT_PORTS_H

#include "flow/flow_state.h"
#include "flow/flow_table.h"

#define SNAT_TIMING_KEY (1ULL << 63) /* in lb_timing.key: the rest is an index in snat_ports */

/* Lookup of a client's flow with a service. */
struct snat_lookup {
	__u64 client[2];
	__u64 key;
	__u64 hash;
	__u64 data; /* of the flow that was found */
	__u64 victim_key; /* of the present flow of `victim` */
	__u32 snat_index; /* of the flow that was found; 0 = none */
	__u32 victim; /* index that a new flow can take; 0 = none */
	__u32 now; /* tick */
	__u16 snat_first;
	__u16 snat_count;
};

/* Checks one port. True if it has the flow; else it is the victim if it is the best one so far. */
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

/*
 * Finds the flow, or else a port for it. Returns 0, or -1 in case of a bug. Global function:
 * verified once.
 */
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

/* Inserts the flow of a lookup. False if another CPU took the port. */
static __always_inline bool snat_insert(const struct snat_lookup *lookup,
					const struct target *target)
{
	struct lb_snat_entry *port = snat_entry_get(lookup->victim);

	if (!port || !entry_claim(&port->flow, lookup->victim_key))
		return false;
	port->client[0] = lookup->client[0];
	port->client[1] = lookup->client[1];
	entry_write(&port->flow, lookup->key, entry_data(target, LB_FLOW_NEW, lookup->now));
	return true;
}

/* Frees the port of the flow that was found; like flow_delete(). */
static __always_inline void snat_delete(const struct snat_lookup *lookup)
{
	struct lb_snat_entry *port = snat_entry_get(lookup->snat_index);

	if (port)
		__sync_val_compare_and_swap(&port->flow.key, lookup->key, 0);
}

/*
 * Updates the flow of a port if the packet changes it. If a packet of the other direction updates
 * it first, that one has written the same or later times.
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

/* The source address that an index stands for. */
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
