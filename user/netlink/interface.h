/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network interfaces as the kernel describes them, in the network namespace of lbctl: state,
 * offloads, addresses and sysctls that affect forwarding.
 */
#ifndef NETLINK_INTERFACE_H
#define NETLINK_INTERFACE_H

#include <linux/types.h>
#include <net/if.h>
#include <stdbool.h>

#include "netlink/offload.h"

struct interface {
	char name[IF_NAMESIZE];
	__u32 ifindex;
	__u32 mtu;
	bool is_up; /* administratively */
	bool has_carrier;
	bool has_gro;
	bool is_veth;
	__u32 peer; /* of veth: index of the other end; 0 = in another namespace */
};

/* The interface that has an address. */
struct interface_owner {
	char name[IF_NAMESIZE];
	unsigned int bits; /* prefix length */
};

/* Returns 0; -ENODEV if no interface has this name; another negative errno. */
int interface_describe(const char *name, struct interface *interface);

/* Reads offloads and queues. What the driver does not report reads as off or 0. */
void interface_offloads(const char *name, struct offloads *offloads);

/* Returns whether an interface of this host has the address (in the ABI's form). */
bool interface_find_owner(const __u64 address[2], struct interface_owner *owner);

/* Returns a number of /proc/sys/net, such as "ipv4/conf/eth0/forwarding"; -1 if unreadable. */
__attribute__((format(printf, 1, 2))) int interface_sysctl(const char *format, ...);

#endif
