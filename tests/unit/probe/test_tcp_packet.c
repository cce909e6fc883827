// SPDX-License-Identifier: GPL-2.0-only
/* TCP packets: parsed, rejected, and rewritten with correct checksums. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "core/tap.h"
#include "probe/vip/tcp_packet.h"

/* A SYN over IPv4 with an IP option, and one over IPv6, each with a payload of odd length. */
static const __u8 ipv4[] = {0x46, 0, 0, 47, 0,	  1, 0x40, 0,	 64,   6,    0, 0,  10,	 0,   0,  1,
			    192,  0, 2, 10, 1,	  1, 1,	   0,	 0x12, 0x34, 0, 80, 0,	 0,   0,  1,
			    0,	  0, 0, 0,  0x50, 2, 0xff, 0xff, 0,    0,    0, 0,  'o', 'd', 'd'};
static const __u8 ipv6[] = {0x60, 0,	0,    0,    0,	23, 6, 64, 0x20, 1,   0xd, 0xb8, 0,
			    0,	  0,	0,    0,    0,	0,  0, 0,  0,	 0,   1,   0x20, 1,
			    0xd,  0xb8, 0,    2,    0,	0,  0, 0,  0,	 0,   0,   0,	 0,
			    0x10, 0x12, 0x34, 0,    80, 0,  0, 0,  1,	 0,   0,   0,	 0,
			    0x50, 2,	0xff, 0xff, 0,	0,  0, 0,  'o',	 'd', 'd'};

/* The sum of data that includes its correct checksum is 0xffff. */
static __u32 sum(__u32 so_far, const __u8 *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		so_far += i % 2 ? bytes[i] : bytes[i] << 8;
	while (so_far >> 16)
		so_far = (so_far >> 16) + (so_far & 0xffff);
	return so_far;
}

static void test_rewritten(const __u8 *original, size_t length, size_t header, const char *source,
			   const char *destination)
{
	size_t addresses = header == 40 ? 8 : 12, of_addresses = header == 40 ? 32 : 8;
	__u64 wanted[2][2];
	struct tcp_packet tcp_packet;
	__u8 packet[128];

	memcpy(packet, original, length);
	address_parse(source, wanted[0]);
	address_parse(destination, wanted[1]);
	ok(!tcp_packet_parse(packet, length, &tcp_packet) && tcp_packet.header == header, "parses");
	is_int(ntohs(tcp_packet.source_port), 0x1234, "source port");
	is_int(ntohs(tcp_packet.destination_port), 80, "destination port");
	memcpy(tcp_packet.source, wanted[0], 16);
	memcpy(tcp_packet.destination, wanted[1], 16);
	tcp_packet_write(&tcp_packet, packet, length);
	ok(!tcp_packet_parse(packet, length, &tcp_packet) &&
		   !memcmp(tcp_packet.source, wanted[0], 16) &&
		   !memcmp(tcp_packet.destination, wanted[1], 16),
	   "has the new addresses");
	is_int(sum(sum(6 + length - header, packet + addresses, of_addresses), packet + header,
		   length - header),
	       0xffff, "and a correct TCP checksum");
	if (header != 40)
		is_int(sum(0, packet, header), 0xffff, "and a correct IPv4 checksum");
	ok(!memcmp(packet + header, original + header, 16) &&
		   !memcmp(packet + header + 18, original + header + 18, length - header - 18),
	   "and no other change");
}

/* Truncated packets; sanitizers detect reads beyond the end. */
static void test_truncated(const __u8 *original, size_t length, size_t least)
{
	struct tcp_packet tcp_packet;
	bool wrong = false;

	for (size_t i = 0; i <= length; i++) {
		__u8 *packet = malloc(i ? i : 1);

		memcpy(packet, original, i);
		wrong |= (i < least) != (tcp_packet_parse(packet, i, &tcp_packet) == -EINVAL);
		free(packet);
	}
	ok(!wrong, "truncated headers are rejected");
}

static void test_unsupported(void)
{
	struct tcp_packet tcp_packet;
	__u8 packet[sizeof(ipv6)];

	memcpy(packet, ipv4, sizeof(ipv4));
	packet[9] = 17;
	ok(tcp_packet_parse(packet, sizeof(ipv4), &tcp_packet) < 0, "UDP is rejected");
	memcpy(packet, ipv4, sizeof(ipv4));
	packet[7] = 1;
	ok(tcp_packet_parse(packet, sizeof(ipv4), &tcp_packet) < 0, "a fragment is rejected");
	memcpy(packet, ipv4, sizeof(ipv4));
	packet[0] = 0x44;
	ok(tcp_packet_parse(packet, sizeof(ipv4), &tcp_packet) < 0,
	   "a short IP header is rejected");
	packet[0] = 0x56;
	ok(tcp_packet_parse(packet, sizeof(ipv4), &tcp_packet) < 0,
	   "another IP version is rejected");
	memcpy(packet, ipv6, sizeof(ipv6));
	packet[6] = 0;
	ok(tcp_packet_parse(packet, sizeof(ipv6), &tcp_packet) < 0,
	   "an extension header is rejected");
}

int main(void)
{
	test_rewritten(ipv4, sizeof(ipv4), 24, "203.0.113.7", "198.51.100.9");
	test_rewritten(ipv4, sizeof(ipv4), 24, "255.255.255.255", "255.255.255.255");
	test_rewritten(ipv6, sizeof(ipv6), 40, "2001:db8:ffff::7", "2001:db8::9");
	test_truncated(ipv4, sizeof(ipv4), 44);
	test_truncated(ipv6, sizeof(ipv6), 60);
	test_unsupported();
	return tap_done();
}
