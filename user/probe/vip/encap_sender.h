/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Encapsulation sender: sends IP packets to a backend in dsr, ipip and gue mode, as the XDP
 * program does. Either in a frame to the backend's MAC address, or in an outer IP packet (IPIP),
 * or in a UDP packet (GUE variant 1).
 *
 * The kernel builds the outer headers, with this host's own source address. The creator owns the
 * sender. Needs CAP_NET_RAW.
 */
#ifndef PROBE_VIP_ENCAP_SENDER_H
#define PROBE_VIP_ENCAP_SENDER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/condition.h"
#include "netlink/route.h"

enum encap_condition {
	ENCAP_UNRESOLVED =
		CONDITION_ENCAP, /* the kernel is resolving the neighbour: try again shortly */
};

/* Socket types. */
enum encap_kind {
	ENCAP_FRAME, /* packet socket */
	ENCAP_UDP,
	ENCAP_IPIP, /* raw socket, inner packet IPv4 */
	ENCAP_IPV6, /* raw socket, inner packet IPv6 */
	ENCAP_KINDS
};

/* Sockets are opened on first use; -1 = not open. */
struct encap_sender {
	int fd[ENCAP_KINDS][2]; /* [kind][outer packet is IPv4] */
};

void encap_sender_init(struct encap_sender *encap_sender);
void encap_sender_destroy(struct encap_sender *encap_sender);

struct encap_dest {
	__u64 backend[2];
	__u8 forward; /* dsr, ipip or gue */
	struct route_nexthop nexthop; /* dsr only: cached once resolved */
};

/*
 * Sends one packet. Returns 0, ENCAP_UNRESOLVED if the next hop is not resolved yet (dsr only),
 * or a negative errno.
 */
int encap_sender_send(struct encap_sender *encap_sender, struct encap_dest *dest,
		      const __u8 *packet, size_t length);

#endif
