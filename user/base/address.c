// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"

#include "base/number.h"

#define ADDRESS_WORDS 8 /* of 16 bits, the unit of checksums */

/* The last four of the 16 bytes are the IPv4 address; the prefix before them marks it. */
#define IPV4_OFFSET 12

static const __u8 ipv4_prefix[IPV4_OFFSET] = {[10] = 0xff, [11] = 0xff};

bool address_is_ipv4(const __u64 address[2])
{
	return !memcmp(address, ipv4_prefix, sizeof(ipv4_prefix));
}

__be32 address_to_ipv4(const __u64 address[2])
{
	__be32 ipv4;

	memcpy(&ipv4, (const __u8 *)address + IPV4_OFFSET, sizeof(ipv4));
	return ipv4;
}

void address_from_ipv4(__be32 ipv4, __u64 address[2])
{
	memcpy(address, ipv4_prefix, IPV4_OFFSET);
	memcpy((__u8 *)address + IPV4_OFFSET, &ipv4, sizeof(ipv4));
}

static bool ipv6_is_routable(const struct in6_addr *address)
{
	return !IN6_IS_ADDR_UNSPECIFIED(address) && !IN6_IS_ADDR_LOOPBACK(address) &&
	       !IN6_IS_ADDR_MULTICAST(address) && !IN6_IS_ADDR_LINKLOCAL(address);
}

bool address_is_routable(const __u64 address[2])
{
	__u32 ipv4;

	if (!address_is_ipv4(address))
		return ipv6_is_routable((const struct in6_addr *)address);
	ipv4 = ntohl(address_to_ipv4(address));
	return ipv4 >> 24 && ipv4 >> 24 != IN_LOOPBACKNET && ipv4 >> 16 != 0xa9fe &&
	       ipv4 != INADDR_BROADCAST && !IN_MULTICAST(ipv4);
}

int address_parse(const char *text, __u64 address[2])
{
	__be32 ipv4;
	__u64 ipv6[2];

	if (inet_pton(AF_INET, text, &ipv4) == 1)
		address_from_ipv4(ipv4, address);
	else if (inet_pton(AF_INET6, text, ipv6) == 1)
		memcpy(address, ipv6, sizeof(ipv6));
	else
		return -EINVAL;
	return 0;
}

void address_format(const __u64 address[2], char *text, size_t size)
{
	__be32 ipv4 = address_to_ipv4(address);
	char whole[ADDRESS_TEXT_BYTES];

	if (address_is_ipv4(address))
		inet_ntop(AF_INET, &ipv4, whole, sizeof(whole));
	else
		inet_ntop(AF_INET6, address, whole, sizeof(whole));
	snprintf(text, size, "%s", whole);
}

static int parse_port(const char *text, __be16 *port)
{
	__u64 number;

	if ((text[0] == '0' && text[1]) || number_parse(text, 0, 65535, &number))
		return -EINVAL;
	*port = htons(number);
	return 0;
}

/* Splits "ADDR", "ADDR:PORT", "[V6]" or "[V6]:PORT" in place; *port is NULL without a port. */
static int split_port(char *text, char **address, char **port)
{
	char *colon = strchr(text, ':');
	char *bracket;

	*address = text;
	*port = NULL;
	if (text[0] == '[') {
		bracket = strchr(text, ']');
		if (!bracket || !colon || colon > bracket)
			return -EINVAL;
		*bracket = '\0';
		*address = text + 1;
		colon = bracket + 1;
		if (!*colon)
			return 0;
		if (*colon != ':')
			return -EINVAL;
	} else if (!colon || strchr(colon + 1, ':')) {
		return 0;
	}
	*colon = '\0';
	*port = colon + 1;
	return 0;
}

static int parse_whole(char *text, struct endpoint *endpoint, bool *has_port)
{
	char *protocol = strchr(text, '/');
	char *address, *port;

	if (protocol) {
		*protocol++ = '\0';
		if (protocol_parse(protocol, &endpoint->protocol))
			return -EINVAL;
	}
	if (split_port(text, &address, &port) || address_parse(address, endpoint->address))
		return -EINVAL;
	*has_port = port;
	return port ? parse_port(port, &endpoint->port) : 0;
}

int endpoint_parse(const char *text, struct endpoint *endpoint, bool *has_port)
{
	char copy[ENDPOINT_TEXT_BYTES + sizeof("/udp")];
	struct endpoint parsed = {};
	bool port_given;

	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	if (parse_whole(copy, &parsed, &port_given))
		return -EINVAL;
	*endpoint = parsed;
	*has_port = port_given;
	return 0;
}

void endpoint_format(const __u64 address[2], __be16 port, char *text, size_t size)
{
	char host[ADDRESS_TEXT_BYTES];

	address_format(address, host, sizeof(host));
	snprintf(text, size, address_is_ipv4(address) ? "%s:%u" : "[%s]:%u", host, ntohs(port));
}

const char *protocol_name(__u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	default:
		return "?";
	}
}

int protocol_parse(const char *text, __u8 *protocol)
{
	if (!strcmp(text, "tcp"))
		*protocol = IPPROTO_TCP;
	else if (!strcmp(text, "udp"))
		*protocol = IPPROTO_UDP;
	else
		return -EINVAL;
	return 0;
}

static __u32 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static __u32 csum_delta(const __u64 from[2], const __u64 to[2])
{
	__u16 old[ADDRESS_WORDS], new[ADDRESS_WORDS];
	__u32 sum = 0;

	memcpy(old, from, sizeof(old));
	memcpy(new, to, sizeof(new));
	for (int i = 0; i < ADDRESS_WORDS; i++)
		sum += (__u32) new[i] + (__u16)~old[i];
	return sum;
}

__u32 address_csum_delta(const __u64 from[2], const __u64 to[2])
{
	return fold(csum_delta(from, to));
}

__u32 address_csum_ttl(__u32 delta)
{
	return fold(delta + htons(0xfeff));
}

__u32 endpoint_csum_delta(const __u64 from[2], __be16 from_port, const __u64 to[2], __be16 to_port)
{
	return fold(csum_delta(from, to) + to_port + (__u16)~from_port);
}
