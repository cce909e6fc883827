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
#define CATCH_ROW  16U
#define CATCH_ROWS 48U

struct catch
{
	int ipv4, ipv6; /* packets that came, without what is in front of IP; do not block */
	size_t rows;
	__u16 base[CATCH_ROWS]; /* in host order */
	int listener[CATCH_ROWS * CATCH_ROW];
};

/* 0, or negative errno. */
int catch_create(struct catch *catch);
void catch_destroy(struct catch *catch);

/* Takes another row; -EAGAIN when there is none left. */
int catch_grow(struct catch *catch);

/* The place of a port among all that are caught, and the way back; -1: not ours. */
int catch_place(const struct catch *catch, __be16 port);
__be16 catch_port(const struct catch *catch, size_t place);

#endif
