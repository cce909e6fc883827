/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Client table, for client persistence (--persist source): clients and their backends. A client
 * keeps its backend whatever the weights are.
 *
 * A bucket has eight entries. It is read for new flows of a service with client persistence, and
 * for untracked packets; a tracked flow never gets here. An entry is not evicted before it expires.
 * If a bucket is full of such entries, a new client's backend is selected by the hash of its
 * address. So the client keeps its backend unless backends or weights change. The same applies to
 * packets that must not be tracked.
 */
#ifndef BPF_FLOW_CLIENT_TABLE_H
#define BPF_FLOW_CLIENT_TABLE_H

#include "core/maps.h"

#define CLIENT_NONE 0xffffffffU

/* The client that a backend is selected for. */
struct select_key {
	__u64 address[2];
	__u32 flow; /* hash of address and port */
	__u32 now; /* tick */
};

static __always_inline struct lb_client *client_get(__u32 index)
{
	barrier_var(index);
	if (index >= client_buckets * LB_BUCKET_CLIENTS)
		return NULL;
	return record_at(&clients, index, sizeof(struct lb_client));
}

/* The first `bits` of 64 bits in network order. */
static __always_inline __u64 prefix_mask(__u32 bits)
{
	return bits ? bpf_cpu_to_be64(~0ULL << ((64 - bits) & 63)) : 0;
}

/* Keeps the first `bits` of an address in the ABI's form, in which IPv4 begins at bit 96. */
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
 * The index of the client's entry; else, with `may_insert`, of an entry that it can take; else
 * CLIENT_NONE.
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

/* The client's backend; 0 if the entry has expired or the backend cannot be used any more. */
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
 * Claims an entry for a client, unless it has it already. False if another CPU was faster. A CPU
 * that is about to write the entry's data notices the change by compare-and-swap.
 */
static __always_inline bool client_claim(struct lb_client *client, __u64 key)
{
	__u64 current = *(volatile __u64 *)&client->key;

	return current == key || __sync_val_compare_and_swap(&client->key, current, key) == current;
}

#endif
