/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random steps: the contents of seed inputs, and what mutations insert.
 */
#ifndef TEST_FUZZ_INPUT_GENERATOR_H
#define TEST_FUZZ_INPUT_GENERATOR_H

#include "core/prng.h"
#include "fuzz_input.h"
#include "packets/packet_builder.h"

/*
 * Draws a packet of any kind (random/packet_generator.h), cut at the maximum length, as received.
 */
void input_draw_packet(struct prng *prng, struct step *step, struct packet *packet);

/* Draws a reply to the last packet sent to a backend. */
void input_draw_reply(struct prng *prng, struct step *step);

/* Draws the conditions of a step: all fields except those of the packet. */
void input_draw_conditions(struct prng *prng, struct step *step);

#endif
