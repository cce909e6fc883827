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
__noinline int service_goes_by_hash(__u32 service_id)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? map_get(&slots, service->slots) : NULL;

	return table && (table->pick == LB_PICK_FLOW || table->pick == LB_PICK_SOURCE);
}

/* By the scheduler, or by hash where that shall not have its say. */
static __always_inline __u32 pick(struct lb_service *service, const struct lb_slots *table,
				  const struct asker *asker, bool anew)
{
	if (!table->length)
		return 0;
	if (table->pick == LB_PICK_SOURCE)
		return backend_at(
			table, slot_by_hash(table, lb_source_hash(asker->address, seed())), true);
	if (!anew || table->pick == LB_PICK_FLOW)
		return backend_at(table, slot_by_hash(table, asker->flow), true);
	if (table->pick == LB_PICK_NEXT)
		return backend_at(table, slot_next(table, &service->cursor), false);
	if (table->pick >= LB_PICK_FEWER)
		return compare(service, table, (__u64)asker->flow << 32);
	return backend_at(table, lb_scale((__u64)bpf_get_prandom_u32() << 32, table->length),
			  false);
}

/* By the scheduler, as long as limits are kept to. */
static __always_inline __u32 pick_free(__u32 service_id, struct lb_service *service,
				       const struct lb_slots *table, const struct asker *asker)
{
	__u32 id = pick(service, table, asker, true);

	if (likely(!service->limits))
		return id;
	return with_room(service_id, service, id,
			 table->pick == LB_PICK_SOURCE ? lb_source_hash(asker->address, seed())
						       : asker->flow);
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
static __always_inline __u32 settle(__u32 service_id, struct lb_service *service,
				    const struct lb_slots *table, const struct asker *asker,
				    struct lb_client *client, __u64 key)
{
	__u64 data = *(volatile __u64 *)&client->data, seen;
	__u32 id = 0, other;

	if (*(volatile __u64 *)&client->key == key)
		id = client_backend(data, service_id, asker->now);
	if (!id || !has_room(service, id))
		id = pick_free(service_id, service, table, asker);
	if (!id || id == NOBODY_FREE || !client_claim(client, key))
		return id;
	seen = __sync_val_compare_and_swap(&client->data, data,
					   lb_client_data(id, asker->now + service->persist_ticks));
	other = seen == data ? 0 : client_backend(seen, service_id, asker->now);
	return other ? other : id;
}

static __always_inline __u32 pick_for_client(__u32 service_id, struct lb_service *service,
					     const struct lb_slots *table,
					     const struct asker *asker, bool anew)
{
	__u64 address[2] = {asker->address[0], asker->address[1]};
	struct lb_client *client;
	__u64 key, hash;
	__u32 id = 0;

	cut_address(address, service->persist_bits);
	key = lb_client_key(address, address_is_ipv4(address), service_id, seed());
	client = client_get(client_find(key, asker->now, anew));
	if (client && anew)
		return settle(service_id, service, table, asker, client, key);
	if (client)
		id = client_backend(*(volatile __u64 *)&client->data, service_id, asker->now);
	if (id)
		return id;
	hash = lb_source_hash(address, seed());
	id = table->length ? backend_at(table, slot_by_hash(table, hash), true) : 0;
	return anew ? with_room(service_id, service, id, hash) : id;
}

/*
 * The backend id for a new flow; 0 when the service has none to offer, NOBODY_FREE when
 * all that it has are full. Or a word of owner_before(). A function of its own, so that the verifier looks at it once.
 */
__noinline __u32 choose_backend(__u32 service_id, const struct asker *asker, bool anew)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? map_get(&slots, service->slots) : NULL;

	__u32 before = 0;

	if (!asker || !table)
		return 0;
	if (!anew && unlikely(service->steady))
		before = stays_with(service_id, asker);
	if (before)
		return before;
	if (unlikely(service->persist == LB_PERSIST_SOURCE))
		return pick_for_client(service_id, service, table, asker, anew);
	if (!anew)
		return pick(service, table, asker, false);
	return pick_free(service_id, service, table, asker);
}

static __always_inline struct asker asker_of(const struct packet *packet, const __u64 client[2],
					     __u64 flow)
{
	return (struct asker){{client[0], client[1]}, flow, packet->now};
}

/* The same, by its deputy, of another service's if its own are full or there is none. */
static __always_inline __u32 choose_or_spill(__u32 service, const struct asker *asker, bool anew)
{
	__u32 id = choose_backend(service, asker, anew), spill, other;

	if (likely(id && id != NOBODY_FREE))
		return id;
	spill = spill_of(service);
	if (!spill)
		return id;
	other = choose_backend(spill, asker, anew) & ((1 << FORWARD_SAID) - 1);
	return spill_deputy(service, other) ?: id;
}

static __always_inline struct target choose(__u32 service, const struct asker *asker, bool anew)
{
	__u32 word = choose_or_spill(service, asker, anew);
	__u32 id = word & ((1 << FORWARD_SAID) - 1), said = word >> FORWARD_SAID;
	struct lb_backend *backend = id ? backend_get(id) : NULL;

	if (!backend)
		return (struct target){.id = id};
	if (unlikely(said))
		return (struct target){id, said - 1, backend};
	return (struct target){id, lb_backend_forward(*(volatile __u32 *)&backend->flags), backend};
}

#endif
