/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an ICMP error quotes: the packet that it is about, as tests see it. Of what is
 * translated there, no more may differ than its endpoints and the checksums that they are in.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_ICMP_INNER_H
#define TEST_LIB_ORACLE_ORACLE_ICMP_INNER_H

#include "packets/packet_diff.h"

/* Is it an ICMP error, whole, that has room for a quote? */
bool inner_is_present(const struct packet *packet, const struct layout *layout);

/* Where the headers lie of what it quotes; false if that is no packet of its IP version. */
bool inner_read(const struct packet *packet, const struct layout *layout, struct layout *inner);

/* These ends of the quoted packet may differ, and what goes with them. */
void inner_allow(struct ranges *ranges, const struct packet *packet, const struct layout *layout,
		 bool source, bool destination);

/* NULL, or what is wrong: of the message, and of the quoted IPv4 header. */
const char *inner_check_sums(const struct packet *in, const struct packet *out,
			     const struct layout *layout);

#endif
