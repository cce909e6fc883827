// SPDX-License-Identifier: GPL-2.0-only
/*
 * Custom mutator for libFuzzer. Its own mutations know only bytes. This one replaces, inserts,
 * repeats and removes steps, and mutates packets (tests/lib/random/packet_mutator.h).
 */
#include <string.h>

#include "input_generator.h"
#include "kernel_mock.h"
#include "random/packet_mutator.h"

#define INPUT_MAX 65536U /* longer inputs are mutated by libFuzzer only */

/* libFuzzer calls the first and provides the second. */
size_t LLVMFuzzerCustomMutator(__u8 *input, size_t size, size_t room, unsigned int seed);
size_t LLVMFuzzerMutate(__u8 *input, size_t size, size_t room);

/* Returns the offset of a random step, each with the same probability. */
static size_t select_step(const __u8 *input, size_t size, struct prng *prng)
{
	size_t at = 0, chosen = 0, read;
	unsigned int count = 0;
	struct step step;
	const __u8 *packet;

	while ((read = step_read(input + at, size - at, &step, &packet))) {
		if (prng_one_in(prng, ++count))
			chosen = at;
		at += read;
	}
	return chosen;
}

static void append_mutated(struct writer *writer, struct step step, const __u8 *bytes,
			   struct prng *prng)
{
	static struct packet packet;

	if (step.length < MUTATOR_LENGTH_MIN || step.length > KERNEL_PACKET_MAX) {
		input_draw_packet(prng, &step, &packet);
	} else {
		packet.length = step.length;
		memcpy(packet.bytes, bytes, step.length);
	}
	for (unsigned int count = 1 + prng_below(prng, 3); count; count--)
		packet_mutate(&packet, prng);
	step.length = packet.length < KERNEL_PACKET_MAX ? packet.length : KERNEL_PACKET_MAX;
	input_append_step(writer, &step, packet.bytes);
}

/* Appends a replacement of the step. */
static void replace(struct writer *writer, const struct step *step, const __u8 *bytes,
		    struct prng *prng)
{
	static struct packet packet;
	struct step other = *step;

	switch (prng_below(prng, 8)) {
	case 0: /* another step before it */
		input_draw_packet(prng, &other, &packet);
		input_append_step(writer, &other, packet.bytes);
		input_append_step(writer, step, bytes);
		break;
	case 1: /* a reply after it */
		input_append_step(writer, step, bytes);
		input_draw_reply(prng, &other);
		input_append_step(writer, &other, NULL);
		break;
	case 2: /* the step under other conditions */
		input_draw_conditions(prng, &other);
		input_append_step(writer, &other, bytes);
		break;
	case 3: /* the step twice */
		input_append_step(writer, step, bytes);
		append_mutated(writer, other, bytes, prng);
		break;
	case 4: /* remove the step */
		break;
	default:
		append_mutated(writer, other, bytes, prng);
	}
}

size_t LLVMFuzzerCustomMutator(__u8 *input, size_t size, size_t room, unsigned int seed)
{
	static __u8 bytes[INPUT_MAX];
	struct writer writer = {.bytes = bytes, .room = room < INPUT_MAX ? room : INPUT_MAX};
	struct prng prng = {seed};
	size_t at = select_step(input, size, &prng), read;
	const __u8 *packet = NULL;
	struct step step = {0};

	read = step_read(input + at, size - at, &step, &packet);
	input_append_bytes(&writer, input, at);
	replace(&writer, &step, packet, &prng);
	input_append_bytes(&writer, input + at + read, size - at - read);
	if (writer.overflowed || prng_one_in(&prng, 4))
		return LLVMFuzzerMutate(input, size, room);
	memcpy(input, bytes, writer.size);
	return writer.size;
}
