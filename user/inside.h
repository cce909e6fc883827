/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A network namespace of our own, and nobody else's: it has no name, and one TUN device, by
 * which all that is sent in it comes to us. So the kernel speaks TCP, and we say where its
 * packets go. It is gone with the process, however that ends.
 *
 * In it is a keeper, a child of ours that hands out sockets: whoever may not make a namespace
 * of the network alone (CAP_SYS_ADMIN) may make one of users with it, but not come back from there.
 *
 * Whoever made it owns it. Needs /dev/net/tun, and CAP_SYS_ADMIN or namespaces of users.
 */
#ifndef INSIDE_H
#define INSIDE_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

struct inside {
	int keeper; /* the way to it */
	int tun; /* packets in and out of it, without anything in front; does not block */
	pid_t pid; /* of the keeper */
};

/* Its address of either IP version; no VIP can be the same. */
void inside_address(bool is_ipv4, __u64 address[2]);

/* 0, or negative errno. */
int inside_create(struct inside *inside);
void inside_destroy(struct inside *inside);

/* A TCP socket in there, at this port; does not block. Returns it, or negative errno. */
int inside_socket(const struct inside *inside, int family, __be16 port);

#endif
