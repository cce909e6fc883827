/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Format of a fuzzer input: a sequence of steps, each a header of eight bytes followed by a packet
 * of the length in the header. Every byte string is a valid sequence.
 */
#ifndef TEST_FUZZ_FUZZ_INPUT_H
#define TEST_FUZZ_FUZZ_INPUT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

enum step_flag {
	STEP_BACK_DEVICE = 1, /* received on the back interface, or else on the front */
	STEP_OTHER_CPU = 2,
	STEP_REPLY = 4, /* the packet is a reply to the last packet sent to a backend */
};

struct step {
	__u8 flags;
	__u8 tcp_flags; /* of the reply */
	__u8 time; /* time since the previous step: see kernel_mock.h */
	__u8 route; /* result of route lookups: see kernel_mock.h */
	__u8 headroom; /* bytes before the packet */
	__u8 random_seed; /* seed of the random numbers that the program gets */
	__u16 length; /* of the packet */
};

_Static_assert(sizeof(struct step) == 8, "no padding");

/*
 * Reads the first step of an input and finds its packet, cut at the end of the input. Returns the
 * number of bytes read, 0 at the end.
 */
size_t step_read(const __u8 *input, size_t size, struct step *step, const __u8 **packet);

/* An input under construction. */
struct writer {
	__u8 *bytes;
	size_t room;
	size_t size;
	bool overflowed; /* a part was left out for lack of room */
};

void input_append_step(struct writer *writer, const struct step *step, const __u8 *packet);

/* Appends steps of another input. */
void input_append_bytes(struct writer *writer, const __u8 *bytes, size_t count);

#endif
