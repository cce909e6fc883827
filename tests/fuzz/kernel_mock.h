/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel as the program sees it: maps, helpers, a clock, and memory for one packet.
 *
 * The packet ends at a guard page, and the memory before it is poisoned, so that every access out
 * of bounds is detected. It is below 4 GiB because the program holds packet addresses in 32 bits.
 */
#ifndef TEST_FUZZ_KERNEL_MOCK_H
#define TEST_FUZZ_KERNEL_MOCK_H

#include <linux/bpf.h>

#include "fuzz_input.h"
#include "packets/packet_builder.h"

#define KERNEL_CPUS  2
#define KERNEL_FRONT 1 /* interface indices */
#define KERNEL_BACK  2

/* Longer packets are not received. */
#define KERNEL_PACKET_MAX 2048

/* Registers the values of a map: `entries` of `bytes` each, consecutive. */
void kernel_map(const void *map, void *values, size_t bytes, __u32 entries);

/* Resets the clock. */
void kernel_reset(void);

/*
 * Prepares the context of a packet by its step. `time` below 128: that number of jiffies pass;
 * otherwise 2 to the power of its lower five bits. `route`: the result of every route lookup; the
 * lower four bits select the return code, the others the device, MTU and gateway.
 */
struct xdp_md *kernel_receive(const struct step *step, const struct packet *packet);

/* Reads the packet back. Returns false if bytes before it were written. */
bool kernel_get_packet(struct packet *packet);

#endif
