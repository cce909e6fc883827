/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry of the client table (--persist source): a client and its backend in two words, 16 bytes.
 *
 * The first bits of its address identify a client; the service sets how many. The key is exact for
 * IPv4, and a keyed hash of 48 bits for IPv6. Its low 16 bits are the service's id. A key of 0 is
 * an empty entry.
 *
 *     key   address:32 | 0:16 | service:16               IPv4
 *           keyed hash of the address:48 | service:16    IPv6
 *     data  backend:16 | 0:16 | expires:32
 *
 * `expires` is the tick (include/lb/flow.h) at which the entry expires; each new flow postpones it.
 * Any other client can take an expired entry: its CPU claims the entry by compare-and-swap of the
 * key, and then swaps the data. Until then the data is void. So two CPUs that see a new client at
 * once agree on its backend.
 */
#ifndef LB_CLIENT_H
#define LB_CLIENT_H

#include <linux/types.h>

#include "lb/hash.h"
#include "lb/limits.h"

struct lb_client {
	__u64 key;
	__u64 data;
};

/* clients: ARRAY of 1, mapped by userspace: an array of buckets, each two cache lines. */
struct lb_client_bucket {
	struct lb_client client[LB_BUCKET_CLIENTS];
};

_Static_assert(sizeof(struct lb_client_bucket) == 128, "lb_client_bucket is two cache lines");

/* The key of a client, by its address after the service's mask. */
static inline __u64 lb_client_key(const __u64 address[2], int is_ipv4, __u16 service,
				  struct lb_seed seed)
{
	if (is_ipv4)
		return (address[1] >> 32) << 32 | service;
	return (lb_source_hash(address, seed) & ~0xffffULL) | service;
}

static inline __u16 lb_client_service(__u64 key)
{
	return key & 0xffff;
}

static inline __u64 lb_client_data(__u16 backend, __u32 expires)
{
	return (__u64)backend << 48 | expires;
}

static inline __u16 lb_client_backend(__u64 data)
{
	return data >> 48;
}

/* True if the entry has not expired at the tick `now`. */
static inline int lb_client_alive(__u64 data, __u32 now)
{
	return (__s32)((__u32)data - now) > 0;
}

#endif
