/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who shall have it? A service's slot table holds backend ids in the proportion
 * and order that userspace made of their weights; a scheduler is a way to pick a
 * slot. No loop, no division, no look at any backend but for those that are compared
 * by what they have to do (bpf/select/least_load.h).
 */
#ifndef BPF_SELECT_SELECT_H
#define BPF_SELECT_SELECT_H

#include "flow/client_table.h"
#include "flow/flow_table.h"
#include "observe/explain.h"
#include "select/bounded_load.h"
#include "select/least_load.h"
#include "select/spillover.h"
#include "select/stateless.h"

#define CURSOR_MAX (1ULL << 31)

/*
 * n modulo the table's length, for n below 2^32: multiplication by the
 * reciprocal leaves the fraction, and the fraction times the length is the
 * remainder (Lemire, Kaser, Kurz: "Faster remainder by direct computation",
 * 2019; the 128-bit product is done in halves, as the length is short).
 */
static __always_inline __u32 slot_remainder(const struct lb_slots *table, __u64 n)
{
	__u64 fraction = table->reciprocal * n;
	__u64 low = ((fraction & 0xffffffff) * table->length) >> 32;

	return ((fraction >> 32) * table->length + low) >> 32;
}

/*
 * The next slot in turn, exact over all CPUs. The cursor is put back by a
 * multiple of the length before it outgrows the remainder's range.
 */
static __always_inline __u32 slot_next(const struct lb_slots *table, __u64 *cursor)
{
	__u64 n = __sync_fetch_and_add(cursor, 1);

	if (n < CURSOR_MAX)
		return slot_remainder(table, n);
	__sync_val_compare_and_swap(cursor, n + 1, (n + 1) % table->length);
	return n % table->length;
}

/* What a flow gets that cannot be remembered: each of its packets the same. */
static __always_inline __u32 slot_by_hash(const struct lb_slots *table, __u64 hash)
{
	return lb_scale(hash << 32, table->length);
}

static __always_inline __u32 backend_at(const struct lb_slots *table, __u32 slot, bool by_hash)
{
	explain_slot(slot, by_hash);
	return table->backend[slot & (LB_SLOTS - 1)];
}

/*
 * Does a hash name the backends of all its flows, remembered or not? A function of its
 * own: Linux 6.1 loses sight of the id's bounds where it is looked at twice.
 */
__noinline int service_picks_by_hash(__u32 service_id)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? map_get(&slots, service->slots) : NULL;

	return table && (table->pick == LB_PICK_FLOW_HASH || table->pick == LB_PICK_SOURCE_HASH);
}

/* By the scheduler, or by hash where that shall not have its say. */
static __always_inline __u32 pick(struct lb_service *service, const struct lb_slots *table,
				  const struct select_key *select_key, bool new_flow)
{
	if (!table->length)
		return 0;
	if (table->pick == LB_PICK_SOURCE_HASH)
		return backend_at(table,
				  slot_by_hash(table, lb_source_hash(select_key->address, seed())),
				  true);
	if (!new_flow || table->pick == LB_PICK_FLOW_HASH)
		return backend_at(table, slot_by_hash(table, select_key->flow), true);
	if (table->pick == LB_PICK_NEXT)
		return backend_at(table, slot_next(table, &service->cursor), false);
	if (table->pick >= LB_PICK_P2C)
		return least_load_select(service, table, (__u64)select_key->flow << 32);
	return backend_at(table, lb_scale((__u64)bpf_get_prandom_u32() << 32, table->length),
			  false);
}

/* By the scheduler, as long as limits are kept to. */
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

/* Who stays with a full backend, cannot. */
static __always_inline bool has_room(const struct lb_service *service, __u32 id)
{
	return likely(!service->limits) || room_at(service, id) != ROOM_NONE;
}

/*
 * Gives a client that stays a place, and a backend if it has none to stay with. Two of its
 * flows may begin at once on two processors: the one who finds that the other was quicker goes
 * where that one went.
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
	if (!id || id == BACKENDS_FULL || !client_claim(client, key))
		return id;
	seen = __sync_val_compare_and_swap(
		&client->data, data, lb_client_data(id, select_key->now + service->persist_ticks));
	other = seen == data ? 0 : client_backend(seen, service_id, select_key->now);
	return other ? other : id;
}

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
	id = table->length ? backend_at(table, slot_by_hash(table, hash), true) : 0;
	return new_flow ? with_room(service_id, service, id, hash) : id;
}

/*
 * The backend id for a new flow; 0 when the service has none to offer, BACKENDS_FULL when
 * all that it has are full. Or a word of previous_owner(). A function of its own, so that the verifier looks at it once.
 */
__noinline __u32 select_backend(__u32 service_id, const struct select_key *select_key,
				bool new_flow)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? map_get(&slots, service->slots) : NULL;

	__u32 before = 0;

	if (!select_key || !table)
		return 0;
	if (!new_flow && unlikely(service->handles_untracked))
		before = previous_owner_usable(service_id, select_key);
	if (before)
		return before;
	if (unlikely(service->persist == LB_PERSIST_SOURCE))
		return pick_by_client(service_id, service, table, select_key, new_flow);
	if (!new_flow)
		return pick(service, table, select_key, false);
	return pick_with_room(service_id, service, table, select_key);
}

static __always_inline struct select_key select_key_of(const struct packet *packet,
						       const __u64 client[2], __u64 flow)
{
	return (struct select_key){{client[0], client[1]}, flow, packet->now};
}

/* The same, by its deputy, of another service's if its own are full or there is none. */
static __always_inline __u32 select_or_spill(__u32 service, const struct select_key *select_key,
					     bool new_flow)
{
	__u32 id = select_backend(service, select_key, new_flow), spill, other;

	if (likely(id && id != BACKENDS_FULL))
		return id;
	spill = spill_target(service);
	if (!spill)
		return id;
	other = select_backend(spill, select_key, new_flow) & ((1 << PREVIOUS_FORWARD_SHIFT) - 1);
	return spill_alias(service, other) ?: id;
}

static __always_inline struct target select_target(__u32 service,
						   const struct select_key *select_key,
						   bool new_flow)
{
	__u32 selected = select_or_spill(service, select_key, new_flow);
	__u32 id = selected & ((1 << PREVIOUS_FORWARD_SHIFT) - 1),
	      forward_plus_one = selected >> PREVIOUS_FORWARD_SHIFT;
	struct lb_backend *backend = id ? backend_get(id) : NULL;

	if (!backend)
		return (struct target){.id = id};
	if (unlikely(forward_plus_one))
		return (struct target){id, forward_plus_one - 1, backend};
	return (struct target){id, lb_backend_forward(*(volatile __u32 *)&backend->flags), backend};
}

#endif
