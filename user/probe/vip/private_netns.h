/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private network namespace: unnamed, with one TUN device that receives everything sent in it.
 * The kernel implements TCP; this process decides where the packets go.
 *
 * A helper process in the namespace (probe/vip/netns_helper.h) creates the sockets. If the
 * environment variable LBCTL_NETNS_HELPER has the path of a helper's socket, that helper is used.
 * Otherwise the helper is a child of this process, which needs CAP_SYS_ADMIN and CAP_NET_ADMIN.
 * The namespace disappears when it is destroyed or when this process ends.
 */
#ifndef PROBE_VIP_PRIVATE_NETNS_H
#define PROBE_VIP_PRIVATE_NETNS_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

struct netns {
	int helper; /* socket to the helper */
	int tun; /* IP packets in and out of the namespace, without a header; non-blocking */
	pid_t pid; /* of the helper, if it is a child of this process; else 0 */
};

/* The TUN device's address of an IP version. It is never a VIP. */
void private_netns_address(bool is_ipv4, __u64 address[2]);

/* Returns 0 or a negative errno. */
int private_netns_create(struct netns *netns);
void private_netns_destroy(struct netns *netns);

/*
 * A non-blocking TCP socket in the namespace, bound to the port. Returns the descriptor, which the
 * caller owns, or a negative errno. Aborts the process if the helper is gone.
 */
int private_netns_socket(const struct netns *netns, int family, __be16 port);

#endif
