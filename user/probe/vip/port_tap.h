/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Port tap: reserves local TCP ports and captures the packets that arrive for them, before the
 * host's own TCP can reset the connection.
 *
 * A listening socket with a drop-all filter holds each port. One packet socket per
 * IP version captures the arriving packets. The kernel frees both when the process ends, even if
 * it is killed. The creator owns the tap. Needs CAP_NET_RAW.
 */
#ifndef PROBE_VIP_PORT_TAP_H
#define PROBE_VIP_PORT_TAP_H

#include <linux/types.h>
#include <stddef.h>

/* Ports are reserved in aligned blocks, which keeps the socket filter short. */
#define PORT_TAP_BLOCK	16U
#define PORT_TAP_BLOCKS 48U

struct port_tap {
	int ipv4, ipv6; /* captured packets, from the IP header on; non-blocking */
	size_t blocks;
	__u16 base[PORT_TAP_BLOCKS]; /* first port of each block, host order */
	int listener[PORT_TAP_BLOCKS * PORT_TAP_BLOCK];
};

/*
 * Opens the packet sockets, without any port. Returns 0 or a negative errno; port_tap_destroy()
 * is valid, and needed, in both cases.
 */
int port_tap_create(struct port_tap *port_tap);
void port_tap_destroy(struct port_tap *port_tap);

/*
 * Reserves one more block at a random base. Returns 0, -EAGAIN if all blocks are in use,
 * -EADDRINUSE if no free block was found, or another negative errno.
 */
int port_tap_grow(struct port_tap *port_tap);

/* Returns the index of a reserved port, or -1 if the port is not reserved. */
int port_tap_index(const struct port_tap *port_tap, __be16 port);

/* Returns the port of an index. */
__be16 port_tap_port(const struct port_tap *port_tap, size_t index);

#endif
