/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Carriers: IP packets handed to a backend as they are, in the ways that the program forwards
 * them: to its hardware address, in an IP packet, or in a UDP packet (GUE, variant 1).
 *
 * Outer headers are the kernel's, from this host's own address. Whoever made it owns
 * it. Needs CAP_NET_RAW.
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
		CONDITION_ENCAP, /* the neighbour is being looked for: again in a moment */
};

/* By how the kernel is asked to send it. */
enum encap_kind {
	ENCAP_FRAME, /* packet socket */
	ENCAP_UDP,
	ENCAP_IPIP, /* raw sockets; by what is inside */
	ENCAP_IPV6,
	ENCAP_KINDS
};

/* Sockets are opened when they are first needed; 0 = not yet. */
struct encap_sender {
	int fd[ENCAP_KINDS][2]; /* and by the outer IP version: IPv6, IPv4 */
};

void encap_sender_destroy(struct encap_sender *encap_sender);

/* Whom packets go to, and how. */
struct encap_dest {
	__u64 backend[2];
	__u8 forward; /* dsr, ipip or gue */
	struct route_nexthop nexthop; /* of dsr, when it has been found */
};

/* 0, negative errno, or a condition. */
int encap_sender_send(struct encap_sender *encap_sender, struct encap_dest *dest,
		      const __u8 *packet, size_t length);

#endif
