/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Next-hop monitor: follows the kernel's routes, links and neighbours for a set of addresses,
 * and keeps the next hop of each resolved and confirmed. Packets that XDP forwards bypass the
 * kernel's stack, so it neither resolves nor confirms their neighbours itself.
 *
 *	kernel                    netlink/                             caller
 *	------                    --------                             ------
 *	routes, links,            nexthop_monitor_read()  <----------  descriptor is readable
 *	neighbours  ----------->     |  due targets, new MAC
 *	(notifications)              v  addresses and links
 *	                          nexthop_set  <---------------------  nexthop_monitor_update():
 *	                             |  ^                              addresses to track
 *	     targets to query,       |  |  results
 *	     commands, changes       v  |
 *	routes, links,            nexthop_monitor_poll()  <----------  every 50 ms
 *	neighbours  <----------      |  by route_query
 *	(queries, commands)          |
 *	                             +------------------------------>  changed_fn(address)
 *
 * Reading only records; a poll sends a limited number of queries and commands. It reports the
 * addresses with a changed or lost next hop. If the caller then invalidates the
 * backend's record with store_nexthop_invalidate(), the next packet looks the next hop up
 * (bpf/forward/nexthop.h).
 *
 * Neighbours are probed several times a second, by unicast ARP or neighbour discovery, and
 * resolved again if they do not answer. A neighbour that changes its MAC address
 * without an announcement is therefore found within a second. Entries that are permanent or managed by
 * a routing daemon are not probed.
 */
#ifndef NETLINK_NEXTHOP_MONITOR_H
#define NETLINK_NEXTHOP_MONITOR_H

#include <linux/types.h>
#include <stddef.h>

#define NEXTHOP_MONITOR_POLL_MS 50

struct nexthop_monitor;

/* The next hop to the address changed or disappeared. */
typedef void nexthop_monitor_fn(void *argument, const __u64 address[2]);

/* In the network namespace of the caller. Returns 0 or a negative errno. */
int nexthop_monitor_open(struct nexthop_monitor **monitor);
void nexthop_monitor_close(struct nexthop_monitor *monitor);

/* The descriptor to poll for reading. */
int nexthop_monitor_fd(const struct nexthop_monitor *monitor);

/*
 * Tracks exactly these addresses (in the ABI's form, in any order, duplicates allowed). Known
 * addresses keep their state. Returns 0, or a negative errno with nothing changed.
 */
int nexthop_monitor_update(struct nexthop_monitor *monitor, const __u64 (*addresses)[2],
			   size_t count);

/* Reads notifications, a limited number at a time. */
void nexthop_monitor_read(struct nexthop_monitor *monitor);

/* Call every NEXTHOP_MONITOR_POLL_MS. `now_ms` is the time of any monotonic clock. */
void nexthop_monitor_poll(struct nexthop_monitor *monitor, __u64 now_ms,
			  nexthop_monitor_fn *changed_fn, void *argument);

#endif
