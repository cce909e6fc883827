// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
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

int flow_key_of(const __u64 address[2], __be16 port, __u16 service, struct lb_seed seed, __u64 *key)
{
	if (!service)
		return -EINVAL;
	if (address_is_ipv4(address))
		*key = lb_flow_key4(address_to_ipv4(address), port, service);
	else
		*key = lb_flow_key6(address, port, service, seed);
	return 0;
}
