/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What translation (nat, snat) may make of packets without ports of their own: of a fragmented
 * packet what is behind the first part, and ICMP errors, which quote ports of others.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_PORTLESS_H
#define TEST_LIB_ORACLE_ORACLE_PORTLESS_H

#include "oracle/oracle.h"
#include "packets/packet_layout.h"
#include "random/fixture_config.h"

bool is_portless(const struct packet *packet, const struct layout *layout);

/* Both: NULL, or what is wrong. What was not `is_sent` was left where it came in. */
const char *portless_check_to_backend(const struct packet *in, const struct packet *out,
				      bool is_sent, const struct fixture_service *service,
				      bool by_snat);
const char *portless_check_to_client(const struct run *run, const struct layout *layout);

#endif
