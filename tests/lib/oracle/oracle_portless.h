/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules for the translation (nat, snat) of packets without ports of their own: fragments after the
 * first, and ICMP errors (the inner packet has the ports).
 */
#ifndef TEST_LIB_ORACLE_ORACLE_PORTLESS_H
#define TEST_LIB_ORACLE_ORACLE_PORTLESS_H

#include "oracle/oracle.h"
#include "packets/packet_layout.h"
#include "random/fixture_config.h"

bool is_portless(const struct packet *packet, const struct layout *layout);

/* Return NULL, or what is wrong. `is_sent`: sent by XDP, or else passed to the stack. */
const char *portless_check_to_backend(const struct packet *in, const struct packet *out,
				      bool is_sent, const struct fixture_service *service,
				      bool by_snat);
const char *portless_check_to_client(const struct run *run, const struct layout *layout);

#endif
