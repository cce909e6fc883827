/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps drawn at random: what inputs begin with, and what mutations put into them.
 */
#ifndef TEST_FUZZ_INPUT_GENERATOR_H
#define TEST_FUZZ_INPUT_GENERATOR_H

#include "core/prng.h"
#include "fuzz_input.h"
#include "packets/packet_builder.h"

/* A packet of any sort (random/packet_generator.h) that is not too long, as it comes in. */
void input_draw_packet(struct prng *prng, struct step *step, struct packet *packet);

/* The answer to the packet that was last sent to a backend. */
void input_draw_reply(struct prng *prng, struct step *step);

/* The circumstances of a step: all but whose packet it is. */
void input_draw_conditions(struct prng *prng, struct step *step);

#endif
