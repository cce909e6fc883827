// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz_input.h"

#include <string.h>

size_t step_read(const __u8 *input, size_t size, struct step *step, const __u8 **packet)
{
	size_t left = size - sizeof(*step);

	if (size < sizeof(*step))
		return 0;
	memcpy(step, input, sizeof(*step));
	*packet = input + sizeof(*step);
	if (step->length > left)
		step->length = left;
	return sizeof(*step) + step->length;
}

void input_append_bytes(struct writer *writer, const __u8 *bytes, size_t count)
{
	if (count > writer->room - writer->size) {
		writer->overflowed = true;
		return;
	}
	if (count)
		memcpy(writer->bytes + writer->size, bytes, count);
	writer->size += count;
}

void input_append_step(struct writer *writer, const struct step *step, const __u8 *packet)
{
	input_append_bytes(writer, (const __u8 *)step, sizeof(*step));
	input_append_bytes(writer, packet, step->length);
}
