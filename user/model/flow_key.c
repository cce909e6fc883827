// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "model/flow_key.h"

static char *put_number(char *text, __u32 number)
{
	if (number >= 10)
		text = put_number(text, number / 10);
	*text = '0' + number % 10;
	return text + 1;
}

void flow_key_format(const struct lb_flow *flow, bool ipv4, char text[FLOW_KEY_TEXT_BYTES])
{
	__be16 port = flow->key >> 16 & 0xffff;
	__be32 address = flow->key >> 32;
	unsigned char bytes[6];

	if (!ipv4) {
		memcpy(text, "-", 2);
		return;
	}
	memcpy(bytes, &address, 4);
	memcpy(bytes + 4, &port, 2);
	for (int i = 0; i < 4; i++) {
		text = put_number(text, bytes[i]);
		*text++ = i < 3 ? '.' : ':';
	}
	text = put_number(text, bytes[4] << 8 | bytes[5]);
	*text = '\0';
}
