/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random valid packets of every kind: between clients and the services and backends of
 * random/fixture_config.h, and between unrelated endpoints.
 */
#ifndef TEST_LIB_RANDOM_PACKET_GENERATOR_H
#define TEST_LIB_RANDOM_PACKET_GENERATOR_H

#include "core/prng.h"
#include "packets/packet_builder.h"

#define GENERATOR_CLIENTS 64 /* per IP version; few, so that they continue flows */

unsigned int generator_kinds(void);

/*
 * Draws a packet of kind 0..generator_kinds() - 1. Returns the net that it comes from
 * (harness/testnet.h).
 */
unsigned int generator_draw(unsigned int kind, struct prng *prng, struct packet *packet);

/* Draws a plain request of a client to a service. */
void generator_draw_request(struct prng *prng, struct packet *packet);

/* Draws a packet of any kind; requests and replies are the most frequent. */
unsigned int generator_draw_any(struct prng *prng, struct packet *packet);

#endif
