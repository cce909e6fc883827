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

void row_append_bytes(struct row *row, const __u8 *bytes, size_t count)
{
	if (count > row->room - row->size) {
		row->overflowed = true;
		return;
	}
	if (count)
		memcpy(row->bytes + row->size, bytes, count);
	row->size += count;
}

void row_append(struct row *row, const struct step *step, const __u8 *packet)
{
	row_append_bytes(row, (const __u8 *)step, sizeof(*step));
	row_append_bytes(row, packet, step->length);
}
