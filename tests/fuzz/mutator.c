// SPDX-License-Identifier: GPL-2.0-only
/*
 * How libFuzzer changes an input: besides by its own ways, which know of nothing but
 * bytes, by steps, and by what mutations there are of packets (tests/lib/packets/packet_mutator.h).
 */
#include <string.h>

#include "input_generator.h"
#include "kernel_mock.h"
#include "packets/packet_mutator.h"

#define ROW_MAX 65536U /* longer inputs are left to libFuzzer */

/* libFuzzer calls the first by its name, and has the second. */
size_t LLVMFuzzerCustomMutator(__u8 *input, size_t size, size_t room, unsigned int seed);
size_t LLVMFuzzerMutate(__u8 *input, size_t size, size_t room);

/* Where one of the steps begins, each as likely as the others. */
static size_t choose_step(const __u8 *input, size_t size, struct dice *dice)
{
	size_t at = 0, chosen = 0, read;
	unsigned int count = 0;
	struct step step;
	const __u8 *packet;

	while ((read = step_read(input + at, size - at, &step, &packet))) {
		if (dice_one_in(dice, ++count))
			chosen = at;
		at += read;
	}
	return chosen;
}

static void append_mutated(struct row *row, struct step step, const __u8 *bytes, struct dice *dice)
{
	static struct packet packet;

	if (step.length < MUTATE_LENGTH_MIN || step.length > KERNEL_PACKET_MAX) {
		draw_packet(dice, &step, &packet);
	} else {
		packet.length = step.length;
		memcpy(packet.bytes, bytes, step.length);
	}
	for (unsigned int count = 1 + dice_below(dice, 3); count; count--)
		mutate(&packet, dice);
	step.length = packet.length < KERNEL_PACKET_MAX ? packet.length : KERNEL_PACKET_MAX;
	row_append(row, &step, packet.bytes);
}

/* Puts something in the place of a step. */
static void replace(struct row *row, const struct step *step, const __u8 *bytes, struct dice *dice)
{
	static struct packet packet;
	struct step other = *step;

	switch (dice_below(dice, 8)) {
	case 0: /* another before it */
		draw_packet(dice, &other, &packet);
		row_append(row, &other, packet.bytes);
		row_append(row, step, bytes);
		break;
	case 1: /* an answer to it */
		row_append(row, step, bytes);
		draw_answer(dice, &other);
		row_append(row, &other, NULL);
		break;
	case 2: /* the same in other circumstances */
		draw_weather(dice, &other);
		row_append(row, &other, bytes);
		break;
	case 3: /* it twice */
		row_append(row, step, bytes);
		append_mutated(row, other, bytes, dice);
		break;
	case 4: /* nothing */
		break;
	default:
		append_mutated(row, other, bytes, dice);
	}
}

size_t LLVMFuzzerCustomMutator(__u8 *input, size_t size, size_t room, unsigned int seed)
{
	static __u8 bytes[ROW_MAX];
	struct row row = {.bytes = bytes, .room = room < ROW_MAX ? room : ROW_MAX};
	struct dice dice = {seed};
	size_t at = choose_step(input, size, &dice), read;
	const __u8 *packet = NULL;
	struct step step = {0};

	read = step_read(input + at, size - at, &step, &packet);
	row_append_bytes(&row, input, at);
	replace(&row, &step, packet, &dice);
	row_append_bytes(&row, input + at + read, size - at - read);
	if (row.overflowed || dice_one_in(&dice, 4))
		return LLVMFuzzerMutate(input, size, room);
	memcpy(input, bytes, row.size);
	return row.size;
}
