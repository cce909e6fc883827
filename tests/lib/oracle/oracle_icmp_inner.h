/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inner packet of ICMP errors. Translation may change only its endpoints and the checksums that
 * cover them.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_ICMP_INNER_H
#define TEST_LIB_ORACLE_ORACLE_ICMP_INNER_H

#include "packets/packet_diff.h"

/* True for a complete ICMP error header, not in a fragment. */
bool inner_is_present(const struct packet *packet, const struct layout *layout);

/*
 * Finds the headers of the inner packet. Returns false if it is not an IP packet of the same
 * version.
 */
bool inner_read(const struct packet *packet, const struct layout *layout, struct layout *inner);

/* Allows changes of the inner source and destination endpoints, and of the checksums. */
void inner_allow(struct ranges *ranges, const struct packet *packet, const struct layout *layout,
		 bool source, bool destination);

/*
 * Compares the errors of the ICMP checksum and of the inner IPv4 header checksum. Returns NULL, or
 * what is wrong.
 */
const char *inner_check_sums(const struct packet *in, const struct packet *out,
			     const struct layout *layout);

#endif
