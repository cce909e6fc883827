/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clients that stay with a backend, whatever weights say (--persist source).
 *
 * Buckets of eight places, looked into for new flows of services that want it, and for
 * what is chosen by hash; a known flow never gets here. A client whose stay has not ended
 * is not pushed out. Where a bucket is full of such, a newcomer goes by the hash of its
 * address, so that it finds its backend again all the same, unless the backends or their
 * weights change; and so do packets that are not to be remembered.
 */
#ifndef BPF_FLOW_CLIENT_TABLE_H
#define BPF_FLOW_CLIENT_TABLE_H

#include "core/maps.h"

#define CLIENT_NONE 0xffffffffU

/* Who asks to be balanced. */
struct select_key {
	__u64 address[2];
	__u32 flow; /* hash of its address and port */
	__u32 now; /* tick */
};

static __always_inline struct lb_client *client_get(__u32 index)
{
	barrier_var(index);
	if (index >= client_buckets * LB_BUCKET_CLIENTS)
		return NULL;
	return record_at(&clients, index, sizeof(struct lb_client));
}

/* The first bits of 64 in network order. */
static __always_inline __u64 prefix_mask(__u32 bits)
{
	return bits ? bpf_cpu_to_be64(~0ULL << ((64 - bits) & 63)) : 0;
}

/* Leaves of the address what the service knows its clients by; IPv4 has 96 bits in front. */
static __always_inline void mask_address(__u64 address[2], __u32 bits)
{
	if (bits < 64) {
		address[0] &= prefix_mask(bits);
		address[1] = 0;
	} else if (bits < 128) {
		address[1] &= prefix_mask(bits - 64);
	}
}

/*
 * The place of a client, or with `may_insert` one that it may have; CLIENT_NONE if
 * there is none.
 */
static __always_inline __u32 client_find(__u64 key, __u32 now, bool may_insert)
{
	__u64 hash = lb_mix(key, seed());
	__u32 first = lb_scale(hash, client_buckets) * LB_BUCKET_CLIENTS;
	__u32 victim = CLIENT_NONE;

	for (__u32 i = 0; i < LB_BUCKET_CLIENTS; i++) {
		struct lb_client *client = client_get(first + i);

		if (!client)
			break;
		if (*(volatile __u64 *)&client->key == key)
			return first + i;
		if (may_insert && victim == CLIENT_NONE &&
		    !lb_client_alive(*(volatile __u64 *)&client->data, now))
			victim = first + i;
	}
	return victim;
}

/* Whom it is with, if it can stay there; else 0. */
static __always_inline __u32 client_backend(__u64 data, __u32 service, __u32 now)
{
	__u32 id = lb_client_backend(data);
	struct lb_backend *backend = backend_get(id);

	if (!lb_client_alive(data, now) || !backend || backend->service != service ||
	    *(volatile __u32 *)&backend->flags & LB_BACKEND_NO_PERSIST)
		return 0;
	return id;
}

/*
 * Claims the place for a client, if it is not its own already; false if another was
 * quicker. Whoever else is about to write the data there finds that it changed.
 */
static __always_inline bool client_claim(struct lb_client *client, __u64 key)
{
	__u64 current = *(volatile __u64 *)&client->key;

	return current == key || __sync_val_compare_and_swap(&client->key, current, key) == current;
}

#endif
