/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client that stays with a backend (--persist source): two words, 16 bytes.
 *
 * A client is known by the first bits of its address, as many as its service says. The
 * key is exact for IPv4, and a keyed hash of 48 bits for IPv6; in its low 16 bits is the
 * service's id. A key of 0 is an empty place.
 *
 *     key   address:32 | 0:16 | service:16               IPv4
 *           keyed hash of the address:48 | service:16    IPv6
 *     data  backend:16 | 0:16 | expires:32
 *
 * `expires` is the tick (include/lb/flow.h) at which the client's stay ends; each new flow
 * puts it off. A place whose time is over may be had by any other client: it is claimed by
 * compare-and-swap of the key, and what is in its data counts for nothing until that is
 * swapped as well. So two processors that meet a client at once agree where it stays.
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

/* Of an address that has been cut to the service's bits. */
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

/* Does the client stay where it is, at the tick `now`? */
static inline int lb_client_alive(__u64 data, __u32 now)
{
	return (__s32)((__u32)data - now) > 0;
}

#endif
