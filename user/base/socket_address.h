/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Socket addresses: an address and port in the form that bind(), connect() and sendto() take.
 */
#ifndef BASE_SOCKET_ADDRESS_H
#define BASE_SOCKET_ADDRESS_H

#include <linux/types.h>
#include <netinet/in.h>
#include <sys/socket.h>

struct socket_address {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	};
	socklen_t length;
};

void socket_address_set(struct socket_address *socket_address, const __u64 address[2], __be16 port);

/* The wildcard address of AF_INET or AF_INET6, to bind to. */
void socket_address_set_any(struct socket_address *socket_address, int family, __be16 port);

/* The address alone. */
void socket_address_get(const struct socket_address *socket_address, __u64 address[2]);

#endif
