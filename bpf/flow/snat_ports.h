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

#define PORT_TIMED (1ULL << 63) /* in the key of a moment: a place, no flow of the memory */

/* A look for a client's flow with a service among the ports. */
struct port_visit {
	__u64 client[2];
	__u64 key;
	__u64 hash;
	__u64 data; /* of the flow that was found */
	__u64 room_key; /* of who has the place that a new flow would take */
	__u32 place; /* of the flow that was found; 0 = it was not */
	__u32 room; /* place for a new flow; 0 = none */
	__u32 now; /* tick */
	__u16 first_source;
	__u16 source_count;
};

/* Looks at one place; true if the flow is there. Remembers the best room. */
static __always_inline bool look_at(struct port_visit *visit, __u32 place, __u64 *cheapest)
{
	struct lb_port *port = port_get(place);
	__u64 key, data, worth;

	if (!port)
		return false;
	key = *(volatile __u64 *)&port->flow.key;
	data = *(volatile __u64 *)&port->flow.data;
	if (key == visit->key && port->client[0] == visit->client[0] &&
	    port->client[1] == visit->client[1]) {
		visit->place = place;
		visit->data = data;
		return true;
	}
	worth = key && !lb_flow_service(key) ? ~0ULL : place_worth(key, data, visit->now);
	if (worth < *cheapest && rank_of_worth(worth) < FLOW_RANK_KEPT) {
		*cheapest = worth;
		visit->room = place;
		visit->room_key = key;
	}
	return false;
}

/* Finds the flow, or room for it. A function of its own, verified once. */
__noinline int port_look(struct port_visit *visit)
{
	__u64 cheapest = ~0ULL;

	if (!visit)
		return -1;
	visit->place = visit->room = 0;
	for (__u32 try = 0; try < LB_PORT_BUCKETS_TRIED; try++) {
		__u32 first =
			lb_port_bucket(visit->hash, try, visit->first_source, visit->source_count);

		for (__u32 i = 0; i < LB_PORT_BUCKET; i++)
			if (look_at(visit, first + i, &cheapest))
				return 0;
	}
	return 0;
}

/* A place's flow is counted or not, as its data says; what it was before no longer is. */
static __always_inline void port_recount(struct lb_port *port, __u64 data)
{
	__u64 before = __sync_lock_test_and_set(&port->flow.data, data);

	if (before & LB_FLOW_COUNTED)
		load_add(lb_flow_backend(before), -1);
	if (data & LB_FLOW_COUNTED)
		load_add(lb_flow_backend(data), 1);
}

/* Gives the visit's flow the room that was found; false if another took it. */
static __always_inline bool port_take(const struct port_visit *visit, const struct target *target)
{
	__u32 expires = visit->now + lb_flow_lease(lb_flow_idle(target->backend, LB_FLOW_NEW));
	__u64 mark = load_is_wanted(target->backend) ? LB_FLOW_COUNTED : 0;
	struct lb_port *port = port_get(visit->room);

	if (!port || __sync_val_compare_and_swap(&port->flow.key, visit->room_key, LB_FLOW_BUSY) !=
			     visit->room_key)
		return false;
	port->client[0] = visit->client[0];
	port->client[1] = visit->client[1];
	port_recount(port, mark | lb_flow_data(target->id, LB_FLOW_NEW, LB_FORWARD_SNAT,
					       visit->now >> LB_CREATED_SHIFT, expires));
	*(volatile __u64 *)&port->flow.key = visit->key;
	return true;
}

/* Gives the place of the visit's flow back; its count ends when another takes it, or by the sweep. */
static __always_inline void port_forget(const struct port_visit *visit)
{
	struct lb_port *port = port_get(visit->place);

	if (port)
		__sync_val_compare_and_swap(&port->flow.key, visit->key, 0);
}

/*
 * Writes what a packet makes of the flow at a place, unless nothing changes. A packet of
 * the other direction that comes in between writes the same or later.
 */
static __always_inline void port_note(__u32 place, const struct packet *packet,
				      const struct lb_backend *backend, __u64 data, bool is_reply)
{
	struct lb_port *port = port_get(place);
	struct flow_event event;
	__u64 next;

	if (!port || !is_event(data, packet, backend, is_reply))
		return;
	event = event_of(packet, PORT_TIMED | place, data, backend, is_reply);
	next = data_after(data, &event, backend);
	if (__sync_val_compare_and_swap(&port->flow.data, data, next) == data)
		load_note(data, next);
}

/* The endpoint that a place is. */
static __always_inline const __u64 *port_address(__u32 place)
{
	return (const __u64 *)control.sources[place / LB_PORTS & (LB_SOURCES_MAX - 1)];
}

static __always_inline __be16 port_number(__u32 place)
{
	return bpf_htons(place & (LB_PORTS - 1));
}

#endif
