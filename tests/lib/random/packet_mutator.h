/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packet mutations: flip bits, set fields to boundary values, insert, remove and truncate bytes.
 */
#ifndef TEST_LIB_RANDOM_PACKET_MUTATOR_H
#define TEST_LIB_RANDOM_PACKET_MUTATOR_H

#include "core/prng.h"
#include "packets/packet_builder.h"

/* Length of the shortest packet: an Ethernet header. */
#define MUTATOR_LENGTH_MIN 14

/* Applies one mutation, which may leave the packet unchanged. */
void packet_mutate(struct packet *packet, struct prng *prng);

#endif
