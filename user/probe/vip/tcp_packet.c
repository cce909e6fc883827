// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/tcp_packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/address.h"

/* Offsets and minimum header lengths. */
#define IPV4_FRAGMENT	 6
#define IPV4_PROTOCOL	 9
#define IPV4_CHECKSUM	 10
#define IPV4_SOURCE	 12
#define IPV4_DESTINATION 16
#define IPV4_HEADER	 20
#define IPV6_NEXT	 6
#define IPV6_SOURCE	 8
#define IPV6_DESTINATION 24
#define IPV6_HEADER	 40
#define TCP_CHECKSUM	 16
#define TCP_HEADER	 20

static __u16 read_be16(const __u8 *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

static void write_be16(__u8 *bytes, __u16 value)
{
	bytes[0] = value >> 8;
	bytes[1] = value;
}

/* Adds 16-bit words in network order to a ones' complement sum. */
static __u32 sum_add(__u32 sum, const __u8 *bytes, size_t length)
{
	for (; length > 1; bytes += 2, length -= 2)
		sum += read_be16(bytes);
	if (length)
		sum += bytes[0] << 8;
	return sum;
}

static __u16 sum_fold(__u32 sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

static int parse_ipv4(const __u8 *packet, size_t length, struct tcp_packet *tcp_packet)
{
	__be32 address;

	tcp_packet->header = (packet[0] & 15) * 4;
	if (length < IPV4_HEADER || tcp_packet->header < IPV4_HEADER ||
	    packet[IPV4_PROTOCOL] != IPPROTO_TCP || read_be16(packet + IPV4_FRAGMENT) & 0x3fff)
		return -EINVAL;
	memcpy(&address, packet + IPV4_SOURCE, sizeof(address));
	address_from_ipv4(address, tcp_packet->source);
	memcpy(&address, packet + IPV4_DESTINATION, sizeof(address));
	address_from_ipv4(address, tcp_packet->destination);
	return 0;
}

static int parse_ipv6(const __u8 *packet, size_t length, struct tcp_packet *tcp_packet)
{
	tcp_packet->header = IPV6_HEADER;
	if (length < IPV6_HEADER || packet[IPV6_NEXT] != IPPROTO_TCP)
		return -EINVAL;
	memcpy(tcp_packet->source, packet + IPV6_SOURCE, sizeof(tcp_packet->source));
	memcpy(tcp_packet->destination, packet + IPV6_DESTINATION, sizeof(tcp_packet->destination));
	return 0;
}

int tcp_packet_parse(const __u8 *packet, size_t length, struct tcp_packet *tcp_packet)
{
	struct tcp_packet found = {.is_ipv4 = length && packet[0] >> 4 == 4};
	int error;

	if (!length || (packet[0] >> 4 != 4 && packet[0] >> 4 != 6))
		return -EINVAL;
	error = found.is_ipv4 ? parse_ipv4(packet, length, &found)
			      : parse_ipv6(packet, length, &found);
	if (error || length < found.header + TCP_HEADER)
		return -EINVAL;
	memcpy(&found.source_port, packet + found.header, sizeof(found.source_port));
	memcpy(&found.destination_port, packet + found.header + 2, sizeof(found.destination_port));
	*tcp_packet = found;
	return 0;
}

static void write_ipv4(const struct tcp_packet *tcp_packet, __u8 *packet)
{
	__be32 source = address_to_ipv4(tcp_packet->source);
	__be32 destination = address_to_ipv4(tcp_packet->destination);

	memcpy(packet + IPV4_SOURCE, &source, sizeof(source));
	memcpy(packet + IPV4_DESTINATION, &destination, sizeof(destination));
	write_be16(packet + IPV4_CHECKSUM, 0);
	write_be16(packet + IPV4_CHECKSUM, sum_fold(sum_add(0, packet, tcp_packet->header)));
}

void tcp_packet_write(const struct tcp_packet *tcp_packet, __u8 *packet, size_t length)
{
	__u8 *tcp = packet + tcp_packet->header;
	size_t bytes = length - tcp_packet->header;
	size_t addresses = tcp_packet->is_ipv4 ? IPV4_SOURCE : IPV6_SOURCE;
	__u32 sum;

	if (tcp_packet->is_ipv4) {
		write_ipv4(tcp_packet, packet);
	} else {
		memcpy(packet + IPV6_SOURCE, tcp_packet->source, sizeof(tcp_packet->source));
		memcpy(packet + IPV6_DESTINATION, tcp_packet->destination,
		       sizeof(tcp_packet->destination));
	}
	write_be16(tcp + TCP_CHECKSUM, 0);
	sum = sum_add(IPPROTO_TCP + bytes, packet + addresses, tcp_packet->is_ipv4 ? 8 : 32);
	write_be16(tcp + TCP_CHECKSUM, sum_fold(sum_add(sum, tcp, bytes)));
}
