// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "core/process.h"
#include "packets/bytes.h"
#include "packets/checksum.h"
#include "packets/packet_builder.h"

#define IP4_BYTES 20U
#define IP6_BYTES 40U
#define TCP_BYTES 20U
#define UDP_BYTES 8U

struct endpoint endpoint(const char *address, __u16 port)
{
	struct endpoint result = {.port = port};
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(address, ':') ? "" : "::ffff:", address);
	if (inet_pton(AF_INET6, mapped, &result.address) != 1)
		process_bail("%s is not an IP address", address);
	return result;
}

bool endpoint_is_v6(const struct endpoint *endpoint)
{
	return !IN6_IS_ADDR_V4MAPPED(&endpoint->address);
}

bool endpoint_same(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && memcmp(&a->address, &b->address, sizeof(a->address)) == 0;
}

const char *endpoint_text(const struct endpoint *endpoint)
{
	static char text[INET6_ADDRSTRLEN + 16];
	char address[INET6_ADDRSTRLEN];
	bool v6 = endpoint_is_v6(endpoint);

	inet_ntop(v6 ? AF_INET6 : AF_INET, endpoint->address.s6_addr + (v6 ? 0 : 12), address,
		  sizeof(address));
	snprintf(text, sizeof(text), v6 ? "[%s]:%u" : "%s:%u", address, endpoint->port);
	return text;
}

bool ethertype_is_vlan(__u16 type)
{
	return type == ETH_P_8021Q || type == ETH_P_8021AD;
}

static unsigned int transport_bytes(__u8 protocol)
{
	if (protocol == IPPROTO_TCP)
		return TCP_BYTES;
	return protocol == IPPROTO_UDP ? UDP_BYTES : 0;
}

unsigned int packet_network(const struct packet_spec *spec)
{
	return ETH_HLEN + 4 * spec->tags;
}

unsigned int packet_transport(const struct packet_spec *spec)
{
	return packet_network(spec) +
	       (endpoint_is_v6(&spec->source) ? IP6_BYTES : IP4_BYTES + spec->option_bytes);
}

struct packet_spec packet_spec_reverse(const struct packet_spec *spec)
{
	struct packet_spec reverse = *spec;

	memcpy(reverse.to, spec->from, sizeof(reverse.to));
	memcpy(reverse.from, spec->to, sizeof(reverse.from));
	reverse.source = spec->destination;
	reverse.destination = spec->source;
	return reverse;
}

static void build_ethernet(const struct packet_spec *spec, unsigned char *at)
{
	memcpy(at, spec->to, ETH_ALEN);
	memcpy(at + ETH_ALEN, spec->from, ETH_ALEN);
	at += 2 * ETH_ALEN;
	for (unsigned int i = 0; i < spec->tags; i++, at += 4) {
		put_be16(at, spec->tag_type[i]);
		put_be16(at + 2, spec->tag[i]);
	}
	put_be16(at, endpoint_is_v6(&spec->source) ? ETH_P_IPV6 : ETH_P_IP);
}

static void build_ip4(const struct packet_spec *spec, unsigned char *at, unsigned int ip_payload)
{
	unsigned int header = IP4_BYTES + spec->option_bytes;

	at[0] = 0x40 | header / 4;
	at[1] = 0x10;
	put_be16(at + 2, header + ip_payload);
	put_be16(at + 4, 0x1234);
	put_be16(at + 6, spec->fragment);
	at[8] = spec->ttl;
	at[9] = spec->protocol;
	memcpy(at + 12, spec->source.address.s6_addr + 12, 4);
	memcpy(at + 16, spec->destination.address.s6_addr + 12, 4);
	memset(at + IP4_BYTES, 1, spec->option_bytes); /* no operation */
	checksum_set_ipv4(at);
}

static void build_ip6(const struct packet_spec *spec, unsigned char *at, unsigned int ip_payload)
{
	at[0] = 0x61;
	at[1] = 0x23;
	put_be16(at + 2, 0x4567);
	put_be16(at + 4, ip_payload);
	at[6] = spec->protocol;
	at[7] = spec->ttl;
	memcpy(at + 8, &spec->source.address, 16);
	memcpy(at + 24, &spec->destination.address, 16);
}

/* Sum of the TCP or UDP pseudo header, the same for both IP versions. */
static __u32 pseudo_header(const struct endpoint *source, const struct endpoint *destination,
			   __u8 protocol, unsigned int length)
{
	size_t skip = endpoint_is_v6(source) ? 0 : 12;
	__u32 sum = protocol + length;

	sum = checksum_add(sum, source->address.s6_addr + skip, 16 - skip);
	return checksum_add(sum, destination->address.s6_addr + skip, 16 - skip);
}

static void build_transport(const struct packet_spec *spec, unsigned char *at, unsigned int length)
{
	__u32 sum = pseudo_header(&spec->source, &spec->destination, spec->protocol, length);
	bool tcp = spec->protocol == IPPROTO_TCP;
	__u16 field;

	put_be16(at, spec->source.port);
	put_be16(at + 2, spec->destination.port);
	if (tcp) {
		put_be32(at + 4, 0x01020304 + spec->sequence);
		put_be32(at + 8, 0x0a0b0c0d + spec->acknowledged);
		at[12] = TCP_BYTES / 4 << 4;
		at[13] = spec->flags;
		put_be16(at + 14, 0xffff);
	} else {
		put_be16(at + 4, length);
	}
	field = checksum_field(checksum_add(sum, at, length));
	if (tcp)
		put_be16(at + 16, field);
	else if (!spec->no_checksum)
		put_be16(at + 6, field ? field : 0xffff);
}

void packet_build(const struct packet_spec *spec, struct packet *packet)
{
	unsigned int network = packet_network(spec), transport = packet_transport(spec);
	unsigned int ip_payload = transport_bytes(spec->protocol) + spec->payload;

	if (transport + ip_payload > PACKET_MAX)
		process_bail("packet_build: %u bytes exceed the maximum", transport + ip_payload);
	memset(packet->bytes, 0, transport + ip_payload);
	packet->length = transport + ip_payload;
	for (unsigned int i = packet->length - spec->payload; i < packet->length; i++)
		packet->bytes[i] = 7 * i + 3;
	build_ethernet(spec, packet->bytes);
	if (endpoint_is_v6(&spec->source))
		build_ip6(spec, packet->bytes + network, ip_payload);
	else
		build_ip4(spec, packet->bytes + network, ip_payload);
	if (ip_payload > spec->payload)
		build_transport(spec, packet->bytes + transport, ip_payload);
}

/*
 * Reads the network header: addresses, protocol, payload length. Returns the header's length, or 0
 * if an IPv4 header checksum is wrong.
 */
static unsigned int read_network(const unsigned char *at, struct endpoint *source,
				 struct endpoint *destination, __u8 *protocol,
				 unsigned int *ip_payload)
{
	if (at[0] >> 4 == 6) {
		memcpy(&source->address, at + 8, 16);
		memcpy(&destination->address, at + 24, 16);
		*protocol = at[6];
		*ip_payload = get_be16(at + 4);
		return IP6_BYTES;
	}
	*source = *destination = endpoint("0.0.0.0", 0);
	memcpy(source->address.s6_addr + 12, at + 12, 4);
	memcpy(destination->address.s6_addr + 12, at + 16, 4);
	*protocol = at[9];
	*ip_payload = get_be16(at + 2) - (at[0] & 15) * 4;
	return checksum_field(checksum_add(0, at, (at[0] & 15) * 4)) ? 0 : (at[0] & 15) * 4;
}

bool packet_read(const struct packet *packet, struct endpoint *source, struct endpoint *destination)
{
	const unsigned char *at = packet->bytes + 2 * ETH_ALEN;
	unsigned int ip_payload, header;
	__u8 protocol;

	while (ethertype_is_vlan(get_be16(at)))
		at += 4;
	at += 2;
	header = read_network(at, source, destination, &protocol, &ip_payload);
	at += header;
	if (!header || !transport_bytes(protocol) ||
	    at + ip_payload > packet->bytes + packet->length)
		return false;
	source->port = get_be16(at);
	destination->port = get_be16(at + 2);
	if (protocol == IPPROTO_UDP && get_be16(at + 6) == 0)
		return true;
	return !checksum_field(checksum_add(
		pseudo_header(source, destination, protocol, ip_payload), at, ip_payload));
}

bool packet_same(const struct packet *a, const struct packet *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

void packet_copy(struct packet *to, const struct packet *from)
{
	to->length = from->length;
	memcpy(to->bytes, from->bytes, from->length);
}

bool packet_insert(struct packet *packet, unsigned int at, const void *bytes, unsigned int count)
{
	if (at > packet->length || count > PACKET_MAX - packet->length)
		return false;
	memmove(packet->bytes + at + count, packet->bytes + at, packet->length - at);
	memcpy(packet->bytes + at, bytes, count);
	packet->length += count;
	return true;
}

bool packet_remove(struct packet *packet, unsigned int at, unsigned int count)
{
	if (at > packet->length || count > packet->length - at)
		return false;
	packet->length -= count;
	memmove(packet->bytes + at, packet->bytes + at + count, packet->length - at);
	return true;
}
