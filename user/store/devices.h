/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network devices of an instance: the interfaces that packets may be redirected to, their
 * receive queues, and the backends' cached next hops.
 */
#ifndef STORE_DEVICES_H
#define STORE_DEVICES_H

#include <linux/types.h>
#include <stdbool.h>

struct route_nexthop;
struct store;

/* Adds and deletes an interface that packets may be redirected to. 0 or a negative errno. */
int store_device_add(const struct store *store, __u32 ifindex);
int store_device_del(const struct store *store, __u32 ifindex);
bool store_has_device(const struct store *store, __u32 ifindex);

/*
 * The receive queues that an interface had when the program was attached. 0 = not known:
 * only LB_RX_DEVICES interfaces are recorded. Deleting a device deletes the record.
 */
__u32 store_rx_queues(const struct store *store, __u32 ifindex);
void store_rx_queues_set(const struct store *store, __u32 ifindex, __u32 queues);

/* Caches a backend's next hop, valid from now on. */
void store_nexthop_write(struct store *store, __u32 backend, const struct route_nexthop *hop);

/* Invalidates it: the next packet looks the route up. */
void store_nexthop_invalidate(struct store *store, __u32 backend);

#endif
