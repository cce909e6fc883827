/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backend selection for a service: by its scheduler, or by hash for packets that must not be
 * tracked.
 *
 * A scheduler is a way to select a slot of the slot table. That takes no loop and no division, and
 * reads no backend except those that are compared by load (select/least_load.h).
 */
#ifndef BPF_SELECT_SELECT_H
#define BPF_SELECT_SELECT_H

#include "core/action.h"
#include "flow/client_table.h"
#include "flow/flow_table.h"
#include "packet/packet.h"
#include "select/bounded_load.h"
#include "select/least_load.h"
#include "select/slots.h"
#include "select/spillover.h"
#include "select/stateless.h"

/*
 * True if the scheduler selects all flows' backends by hash, tracked or not. Global function: Linux
 * 6.1 loses the id's bounds where it is checked twice.
 */
__noinline int service_picks_by_hash(__u32 service_id)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? slot_table(service) : NULL;

	return table && (table->pick == LB_PICK_FLOW_HASH || table->pick == LB_PICK_SOURCE_HASH);
}

/* The backend by the scheduler, or by hash if the flow is not new; 0 if there is none. */
static __always_inline __u32 pick(struct lb_service *service, const struct lb_slots *table,
				  const struct select_key *select_key, bool new_flow)
{
	if (!table->length)
		return 0;
	if (table->pick == LB_PICK_SOURCE_HASH)
		return backend_by_hash(table, lb_source_hash(select_key->address, seed()));
	if (!new_flow || table->pick == LB_PICK_FLOW_HASH)
		return backend_by_hash(table, select_key->flow);
	if (table->pick == LB_PICK_NEXT)
		return backend_by_slot(table, slot_next(table, &service->cursor));
	if (table->pick >= LB_PICK_P2C)
		return least_load_select(service, table, (__u64)select_key->flow << 32);
	return backend_by_slot(table, lb_scale((__u64)bpf_get_prandom_u32() << 32, table->length));
}

/* The backend by the scheduler, within its limits; 0 if there is none, or all are full. */
static __always_inline __u32 pick_with_room(__u32 service_id, struct lb_service *service,
					    const struct lb_slots *table,
					    const struct select_key *select_key)
{
	__u32 id = pick(service, table, select_key, true);

	if (likely(!service->limits))
		return id;
	return with_room(service_id, service, id,
			 table->pick == LB_PICK_SOURCE_HASH
				 ? lb_source_hash(select_key->address, seed())
				 : select_key->flow);
}

static __always_inline bool has_room(const struct lb_service *service, __u32 id)
{
	return likely(!service->limits) || room_at(service, id) != ROOM_NONE;
}

/*
 * The backend of a client's new flow: the client's present one if it has room, else a new one,
 * which replaces it. If two flows of a client begin at once on two CPUs, the later one gets the
 * other's backend.
 */
static __always_inline __u32 client_assign(__u32 service_id, struct lb_service *service,
					   const struct lb_slots *table,
					   const struct select_key *select_key,
					   struct lb_client *client, __u64 key)
{
	__u64 data = *(volatile __u64 *)&client->data, seen;
	__u32 id = 0, other;

	if (*(volatile __u64 *)&client->key == key)
		id = client_backend(data, service_id, select_key->now);
	if (!id || !has_room(service, id))
		id = pick_with_room(service_id, service, table, select_key);
	if (!id || !client_claim(client, key))
		return id;
	seen = __sync_val_compare_and_swap(
		&client->data, data, lb_client_data(id, select_key->now + service->persist_ticks));
	other = seen == data ? 0 : client_backend(seen, service_id, select_key->now);
	return other ? other : id;
}

/* The backend with client persistence; 0 as for pick_with_room(). */
static __always_inline __u32 pick_by_client(__u32 service_id, struct lb_service *service,
					    const struct lb_slots *table,
					    const struct select_key *select_key, bool new_flow)
{
	__u64 address[2] = {select_key->address[0], select_key->address[1]};
	struct lb_client *client;
	__u64 key, hash;
	__u32 id = 0;

	mask_address(address, service->persist_bits);
	key = lb_client_key(address, address_is_ipv4(address), service_id, seed());
	client = client_get(client_find(key, select_key->now, new_flow));
	if (client && new_flow)
		return client_assign(service_id, service, table, select_key, client, key);
	if (client)
		id = client_backend(*(volatile __u64 *)&client->data, service_id, select_key->now);
	if (id)
		return id;
	hash = lb_source_hash(address, seed());
	id = table->length ? backend_by_hash(table, hash) : 0;
	return new_flow ? with_room(service_id, service, id, hash) : id;
}

/* ACTION_FORWARD to a backend in its forwarding mode; ACTION_CONTINUE if no backend has the id. */
static __always_inline struct action forward_to_backend(__u32 id)
{
	struct lb_backend *backend = id ? backend_get(id) : NULL;

	if (!backend)
		return action_of(ACTION_CONTINUE, 0);
	return action_forward(id, lb_backend_forward(*(volatile __u32 *)&backend->flags),
			      LB_FORWARDED);
}

/*
 * Selects one of a service's own backends, for a new flow or for a packet that must not be tracked.
 * Returns ACTION_FORWARD, or ACTION_VERDICT: the service has no backend, or all are full. Global
 * function: verified once.
 */
__noinline __u64 select_own_backend(__u32 service_id, const struct select_key *select_key,
				    bool new_flow)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? slot_table(service) : NULL;
	struct action action = {0};
	__u32 id;

	if (!select_key || !table)
		return action_verdict(LB_NO_BACKEND, XDP_DROP).word;
	if (!new_flow && unlikely(service->handles_untracked))
		action = previous_owner_usable(service_id, select_key);
	if (action_is(action, ACTION_FORWARD))
		return action.word;
	if (unlikely(service->persist == LB_PERSIST_SOURCE))
		id = pick_by_client(service_id, service, table, select_key, new_flow);
	else if (new_flow)
		id = pick_with_room(service_id, service, table, select_key);
	else
		id = pick(service, table, select_key, false);
	action = forward_to_backend(id);
	if (action_is(action, ACTION_FORWARD))
		return action.word;
	return action_verdict(table->length ? LB_OVERLOADED : LB_NO_BACKEND, XDP_DROP).word;
}

/* Likewise, but by spillover if the service has no backend of its own with room. */
static __always_inline struct action select_backend(__u32 service,
						    const struct select_key *select_key,
						    bool new_flow)
{
	struct action own = {select_own_backend(service, select_key, new_flow)}, other, alias;
	__u32 spill;

	if (likely(action_is(own, ACTION_FORWARD)))
		return own;
	spill = spill_target(service);
	if (!spill)
		return own;
	other.word = select_own_backend(spill, select_key, new_flow);
	if (!action_is(other, ACTION_FORWARD))
		return own;
	alias = forward_to_backend(spill_alias(service, action_id(other)));
	return action_is(alias, ACTION_FORWARD) ? alias : own;
}

static __always_inline struct select_key select_key_of(const struct packet *packet,
						       const __u64 client[2], __u64 flow)
{
	return (struct select_key){{client[0], client[1]}, flow, packet->now};
}

/* Backend and mode of an action; no backend unless it is ACTION_FORWARD. */
static __always_inline struct target target_of(struct action action)
{
	__u32 id = action_id(action);
	struct lb_backend *backend = backend_get(id);

	if (!action_is(action, ACTION_FORWARD))
		return (struct target){0};
	return (struct target){id, action_mode(action), backend};
}

#endif
