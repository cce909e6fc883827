/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP ports of this host that are ours and that nobody answers for: what comes to them is
 * caught, and never seen by the host's own TCP, which would reset it.
 *
 * Each has a socket that listens and lets nothing through; one more for each IP version
 * sees the packets as they come in. All are gone with the process, however that ends.
 * Whoever made it owns it. Needs CAP_NET_RAW.
 */
#ifndef PROBE_VIP_PORT_TAP_H
#define PROBE_VIP_PORT_TAP_H

#include <linux/types.h>
#include <stddef.h>

/* Ports are taken in rows, so that a packet is told by few comparisons. */
#define PORT_TAP_BLOCK	16U
#define PORT_TAP_BLOCKS 48U

struct port_tap {
	int ipv4, ipv6; /* packets that came, without what is in front of IP; do not block */
	size_t blocks;
	__u16 base[PORT_TAP_BLOCKS]; /* in host order */
	int listener[PORT_TAP_BLOCKS * PORT_TAP_BLOCK];
};

/* 0, or negative errno. */
int port_tap_create(struct port_tap *port_tap);
void port_tap_destroy(struct port_tap *port_tap);

/* Takes another row; -EAGAIN when there is none left. */
int port_tap_grow(struct port_tap *port_tap);

/* The place of a port among all that are caught, and the way back; -1: not ours. */
int port_tap_index(const struct port_tap *port_tap, __be16 port);
__be16 port_tap_port(const struct port_tap *port_tap, size_t index);

#endif
