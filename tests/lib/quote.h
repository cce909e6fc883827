/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an ICMP error quotes: the packet that it is about, as tests see it. Of what is
 * translated there, no more may differ than an endpoint and the checksums that it is in.
 */
#ifndef TEST_QUOTE_H
#define TEST_QUOTE_H

#include "difference.h"

/* Is it an ICMP error, whole, that has room for a quote? */
bool quote_is_there(const struct packet *packet, const struct layout *layout);

/* Where the headers lie of what it quotes; false if that is no packet of its IP version. */
bool quote_read(const struct packet *packet, const struct layout *layout, struct layout *quoted);

/* On its way to a client the quoted destination may differ, to a backend the source. */
void quote_allow(struct ranges *ranges, const struct packet *packet, const struct layout *layout,
		 bool is_homeward);

/* NULL, or what is wrong: of the message, and of the quoted IPv4 header. */
const char *quote_sums_hold(const struct packet *in, const struct packet *out,
			    const struct layout *layout);

#endif
