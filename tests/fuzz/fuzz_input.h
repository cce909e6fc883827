/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an input of the fuzzer means: a row of steps, each a header of eight bytes and
 * then the packet that it tells the length of. Any bytes at all are a row of steps.
 */
#ifndef TEST_FUZZ_FUZZ_INPUT_H
#define TEST_FUZZ_FUZZ_INPUT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

enum step_flag {
	STEP_BACK_DEVICE = 1, /* it comes by the device behind, not in front */
	STEP_OTHER_CPU = 2,
	STEP_REPLY = 4, /* it is what was last sent to a backend, turned round */
};

struct step {
	__u8 flags;
	__u8 tcp_flags; /* of an answer */
	__u8 time; /* that passes before: see kernel_mock.h */
	__u8 route; /* what the kernel's routes say of it */
	__u8 headroom; /* bytes before the packet */
	__u8 random_seed; /* random numbers come of it */
	__u16 length; /* of the packet */
};

_Static_assert(sizeof(struct step) == 8, "no padding");

/*
 * Reads the step that an input begins with, and leads to its packet, whose length is
 * no more than there is; bytes read, 0 at the end.
 */
size_t step_read(const __u8 *input, size_t size, struct step *step, const __u8 **packet);

/* An input that is being written. */
struct writer {
	__u8 *bytes;
	size_t room;
	size_t size;
	bool overflowed; /* something was left out, for there was no room */
};

void input_append_step(struct writer *writer, const struct step *step, const __u8 *packet);

/* Steps as they stand in another input. */
void input_append_bytes(struct writer *writer, const __u8 *bytes, size_t count);

#endif
