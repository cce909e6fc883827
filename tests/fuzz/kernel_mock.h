/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel, as far as the program knows it: maps, helpers, a clock, and memory for
 * one packet.
 *
 * The packet ends where a page begins that nobody may touch, and memory before it is
 * poisoned, so that each access outside it is found. It lies below 4 GiB, for the
 * program has its addresses in 32 bits.
 */
#ifndef TEST_FUZZ_KERNEL_MOCK_H
#define TEST_FUZZ_KERNEL_MOCK_H

#include <linux/bpf.h>

#include "fuzz_input.h"
#include "packets/packet_builder.h"

#define KERNEL_CPUS  2
#define KERNEL_FRONT 1 /* interface indices */
#define KERNEL_BACK  2

/* Longer packets do not come. */
#define KERNEL_PACKET_MAX 2048

/* Gives a map its values, `entries` of `bytes` each, one after the other. */
void kernel_map(const void *map, void *values, size_t bytes, __u32 entries);

/* Puts the clock where it was at first. */
void kernel_reset(void);

/*
 * Takes a packet in as the step says. Of its `time`, numbers below 128 let so many timer
 * interrupts pass, others 2 to their lower five bits. Its `route` is what each question
 * for one is answered by: the lower four bits choose the answer, the others the device.
 */
struct xdp_md *kernel_receive(const struct step *step, const struct packet *packet);

/* The packet as it now is; false if bytes before it were written. */
bool kernel_get_packet(struct packet *packet);

#endif
