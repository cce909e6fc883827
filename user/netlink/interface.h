/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An interface as the kernel describes it, in the network namespace that lbctl runs in:
 * what decides whether packets come in by it, and get out.
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
	bool is_up; /* as it was told to be */
	bool has_carrier;
	bool has_gro;
	bool is_veth;
	__u32 peer; /* of veth: the other end's index; 0 = it is in another namespace */
};

/* An address that is one of this host's, and where. */
struct interface_owner {
	char name[IF_NAMESIZE];
	unsigned int bits; /* length of the prefix */
};

/* 0, or a negative errno: -ENODEV when there is none of this name. */
int interface_describe(const char *name, struct interface *interface);

/* What it does by itself; what its driver does not tell of is as if it were not. */
void interface_offloads(const char *name, struct offloads *offloads);

/* Is the address, of the ABI's form, one of this host's? */
bool interface_find_owner(const __u64 address[2], struct interface_owner *owner);

/* A number of /proc/sys/net, such as "ipv4/conf/eth0/forwarding"; -1 = there is none. */
__attribute__((format(printf, 1, 2))) int interface_sysctl(const char *format, ...);

#endif
