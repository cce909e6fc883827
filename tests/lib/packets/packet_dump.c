// SPDX-License-Identifier: GPL-2.0-only
#include "packets/packet_dump.h"

#include <stdio.h>

#include "core/tap.h"

#define BYTES_PRINTED 256 /* all headers of a packet and of its inner packet */

void packet_dump(const char *name, const struct packet *packet)
{
	char text[3 * BYTES_PRINTED + 1] = "";

	for (unsigned int i = 0; i < packet->length && i < BYTES_PRINTED; i++)
		sprintf(text + 3 * i, "%02x ", packet->bytes[i]);
	diag("%-6s %4u bytes: %s", name, packet->length, text);
}
