/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mutations: a packet, made into one that nobody would send. Bits are flipped, fields
 * set to the values at which things change, bytes put in, taken out and cut off.
 */
#ifndef TEST_LIB_RANDOM_PACKET_MUTATOR_H
#define TEST_LIB_RANDOM_PACKET_MUTATOR_H

#include "core/prng.h"
#include "packets/packet_builder.h"

/* The shortest packet that there is: an Ethernet header. */
#define MUTATOR_LENGTH_MIN 14

/* One mutation; of some kinds the packet may happen to be as it was. */
void packet_mutate(struct packet *packet, struct prng *prng);

#endif
