/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What packets there are: valid ones of every sort, between clients and the cast
 * (random/fixture_config.h) and between others, drawn at random.
 */
#ifndef TEST_LIB_RANDOM_PACKET_GENERATOR_H
#define TEST_LIB_RANDOM_PACKET_GENERATOR_H

#include "core/prng.h"
#include "packets/packet_builder.h"

#define GENERATOR_CLIENTS 64 /* of each IP version; few, so that they meet their flows again */

unsigned int generator_kinds(void);

/* Draws a packet of a sort, 0..generator_kinds() - 1; the net of the testnet that it comes from. */
unsigned int generator_draw(unsigned int kind, struct prng *prng, struct packet *packet);

/* Draws a client's packet to a service, as plain as that. */
void generator_draw_request(struct prng *prng, struct packet *packet);

/* Draws one of any sort; requests and replies are common. */
unsigned int generator_draw_any(struct prng *prng, struct packet *packet);

#endif
