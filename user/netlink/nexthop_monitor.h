/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Neighbours: follows the kernel's routes, links and neighbours for a set of addresses, by
 * its notifications, and keeps the next hop of each known and confirmed, so that packets
 * that the kernel never sees have one.
 *
 * Without a loop of its own: the caller polls the descriptor and calls nexthop_monitor_read()
 * when it is readable, and nexthop_monitor_poll() every NEXTHOP_MONITOR_POLL_MS. Reading only takes
 * note; a turn asks the kernel, for so many addresses at a time, and tells of the
 * addresses whose next hop is another, or none any more. Packets that come then ask the
 * kernel (bpf/forward/nexthop.h), if the backend's record is voided: store_nexthop_invalidate().
 *
 * Neighbours are asked several times a second whether they are still there, by a unicast of
 * ARP or neighbour discovery, and searched for anew if they do not answer: a packet that
 * the program forwards tells the kernel nothing of its neighbour. So is whoever changed
 * his hardware address without a word found within a second. Entries that are somebody's
 * word (permanent, or of a routing daemon) are left alone.
 */
#ifndef NETLINK_NEXTHOP_MONITOR_H
#define NETLINK_NEXTHOP_MONITOR_H

#include <linux/types.h>
#include <stddef.h>

#define NEXTHOP_MONITOR_POLL_MS 50

struct nexthop_monitor;

/* The next hop to the address is another, is known again, or there is none any more. */
typedef void nexthop_monitor_fn(void *argument, const __u64 address[2]);

/* In the network namespace of the caller. 0, or a negative errno. */
int nexthop_monitor_open(struct nexthop_monitor **monitor);
void nexthop_monitor_close(struct nexthop_monitor *monitor);

/* To be polled for reading. */
int nexthop_monitor_fd(const struct nexthop_monitor *monitor);

/*
 * Follows these addresses (of the ABI's form, in any order, repeated or not) and no others.
 * Those that it follows already it goes on with. 0, or a negative errno: all is as before.
 */
int nexthop_monitor_update(struct nexthop_monitor *monitor, const __u64 (*addresses)[2],
			   size_t count);

/* Takes note of what the kernel has notified; of some of it, if that is much. */
void nexthop_monitor_read(struct nexthop_monitor *monitor);

/* `now_ms` is of any clock that goes on steadily. */
void nexthop_monitor_poll(struct nexthop_monitor *monitor, __u64 now_ms,
			  nexthop_monitor_fn *changed_fn, void *argument);

#endif
