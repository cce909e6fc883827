// SPDX-License-Identifier: GPL-2.0-only
#include "base/socket_address.h"

#include <string.h>

#include "base/address.h"

void socket_address_set(struct socket_address *socket_address, const __u64 address[2], __be16 port)
{
	*socket_address = (struct socket_address){0};
	if (address_is_ipv4(address)) {
		socket_address->ipv4.sin_family = AF_INET;
		socket_address->ipv4.sin_port = port;
		socket_address->ipv4.sin_addr.s_addr = address_to_ipv4(address);
		socket_address->length = sizeof(socket_address->ipv4);
	} else {
		socket_address->ipv6.sin6_family = AF_INET6;
		socket_address->ipv6.sin6_port = port;
		memcpy(&socket_address->ipv6.sin6_addr, address, 16);
		socket_address->length = sizeof(socket_address->ipv6);
	}
}

void socket_address_set_any(struct socket_address *socket_address, int family, __be16 port)
{
	*socket_address = (struct socket_address){.any.sa_family = family};
	if (family == AF_INET) {
		socket_address->ipv4.sin_port = port;
		socket_address->length = sizeof(socket_address->ipv4);
	} else {
		socket_address->ipv6.sin6_port = port;
		socket_address->length = sizeof(socket_address->ipv6);
	}
}

void socket_address_get(const struct socket_address *socket_address, __u64 address[2])
{
	if (socket_address->any.sa_family == AF_INET)
		address_from_ipv4(socket_address->ipv4.sin_addr.s_addr, address);
	else
		memcpy(address, &socket_address->ipv6.sin6_addr, 16);
}
