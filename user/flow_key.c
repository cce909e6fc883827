// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "address.h"
#include "flow_key.h"

void flow_key_format(const struct lb_flow *flow, bool ipv4, char *text, size_t size)
{
	__be16 port = flow->key >> 16 & 0xffff;
	__u64 address[2];

	if (!ipv4) {
		snprintf(text, size, "-");
		return;
	}
	address_from_ipv4(flow->key >> 32, address);
	endpoint_format(address, port, text, size);
}
