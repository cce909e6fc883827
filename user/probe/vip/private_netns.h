/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A network namespace of our own, and nobody else's: it has no name, and one TUN device, by
 * which all that is sent in it comes to us. So the kernel speaks TCP, and we say where its
 * packets go.
 *
 * In it sits a keeper (probe/vip/netns_helper.h), who hands out its sockets. Where the variable LBCTL_NETNS_HELPER has
 * the path of one's socket, it is that one; else it is a child of ours, for which CAP_SYS_ADMIN and
 * CAP_NET_ADMIN are needed. It is gone when this is destroyed, or its process.
 */
#ifndef PROBE_VIP_PRIVATE_NETNS_H
#define PROBE_VIP_PRIVATE_NETNS_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

struct netns {
	int helper; /* the way to it */
	int tun; /* packets in and out of it, without anything in front; does not block */
	pid_t pid; /* of the keeper, if it is a child of ours */
};

/* Its address of either IP version; no VIP can be the same. */
void private_netns_address(bool is_ipv4, __u64 address[2]);

/* 0, or negative errno. */
int private_netns_create(struct netns *netns);
void private_netns_destroy(struct netns *netns);

/* A TCP socket in there, at this port; does not block. Returns it, or negative errno. */
int private_netns_socket(const struct netns *netns, int family, __be16 port);

#endif
