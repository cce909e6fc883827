/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What packets there are: valid ones of every sort, between clients and the cast
 * (rig/fixture_config.h) and between others, drawn at random.
 */
#ifndef TEST_LIB_PACKETS_PACKET_GENERATOR_H
#define TEST_LIB_PACKETS_PACKET_GENERATOR_H

#include "packets/packet_builder.h"
#include "rig/prng.h"

#define VARIETY_CLIENTS 64 /* of each IP version; few, so that they meet their flows again */

unsigned int variety_sorts(void);

/* Draws a packet of a sort, 0..variety_sorts() - 1; the net of the rig that it comes from. */
unsigned int variety_draw(unsigned int sort, struct dice *dice, struct packet *packet);

/* Draws a client's packet to a service, as plain as that. */
void variety_draw_request(struct dice *dice, struct packet *packet);

/* Draws one of any sort; requests and replies are common. */
unsigned int variety_draw_any(struct dice *dice, struct packet *packet);

#endif
