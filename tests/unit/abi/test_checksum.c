// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checksum deltas compared with checksums of the whole packet: rewritten as in the datapath,
 * to a backend and back, each time against the sum of pseudo header, ports and payload.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/address.h"
#include "core/tap.h"
#include "random.h"

/* The input of a transport checksum. That of an IPv4 header differs in the other words. */
struct packet {
	__u64 source[2];
	__u64 destination[2];
	__be16 source_port;
	__be16 destination_port;
	__u16 payload[10];
	__u16 checksum;
};

static __u16 checksum_of(const void *data, size_t bytes)
{
	__u32 sum = 0;

	for (size_t i = 0; i < bytes; i += 2) {
		__u16 word;

		memcpy(&word, (const char *)data + i, sizeof(word));
		sum += word;
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The sum of all words except the checksum; IPv4 addresses have four bytes. */
static __u16 whole_checksum(const struct packet *packet, bool ports)
{
	__u8 bytes[sizeof(*packet)];
	size_t prefix = address_is_ipv4(packet->source) ? 12 : 0, length = 0;

	memcpy(bytes, (const __u8 *)packet->source + prefix, 16 - prefix);
	length += 16 - prefix;
	memcpy(bytes + length, (const __u8 *)packet->destination + prefix, 16 - prefix);
	length += 16 - prefix;
	if (ports) {
		memcpy(bytes + length, &packet->source_port, 4);
		length += 4;
	}
	memcpy(bytes + length, packet->payload, sizeof(packet->payload));
	return checksum_of(bytes, length + sizeof(packet->payload));
}

/* Applies a delta as in the datapath. */
static __u16 changed(__u16 checksum, __u32 delta)
{
	__u32 sum = (__u16)~checksum + delta;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Random words, often 0x0000 or 0xffff, the corner cases of ones-complement sums. */
static __u16 corner_word(void)
{
	__u32 kind = random_below(4);

	return kind == 0 ? 0 : kind == 1 ? 0xffff : random_word();
}

static void corner_address(__u64 address[2], bool ipv4)
{
	__u16 words[8];

	for (int i = 0; i < 8; i++)
		words[i] = corner_word();
	memcpy(address, words, sizeof(words));
	if (ipv4)
		address_from_ipv4((__u32)words[0] << 16 | words[1], address);
	if (!address_is_routable(address) || address_is_ipv4(address) != ipv4)
		corner_address(address, ipv4);
}

static void corner_packet(struct packet *packet, bool ipv4)
{
	corner_address(packet->source, ipv4);
	corner_address(packet->destination, ipv4);
	packet->source_port = corner_word();
	packet->destination_port = corner_word();
	for (int i = 0; i < 10; i++)
		packet->payload[i] = corner_word();
}

/* Rewrites the destination of a request, then the source of a reply. */
static bool rewriting_agrees(bool ipv4, bool ports)
{
	struct packet packet;
	__u64 to[2];
	__be16 to_port = ports ? corner_word() : 0;
	__u32 delta;

	corner_packet(&packet, ipv4);
	corner_address(to, ipv4);
	packet.checksum = whole_checksum(&packet, ports);
	delta = ports ? endpoint_csum_delta(packet.destination, packet.destination_port, to,
					    to_port)
		      : address_csum_delta(packet.destination, to);
	if (!delta || delta > 0xffff)
		return false;

	struct packet request = packet, reply;

	memcpy(request.destination, to, sizeof(to));
	request.destination_port = to_port;
	if (changed(packet.checksum, delta) != whole_checksum(&request, ports))
		return false;

	corner_packet(&reply, ipv4);
	memcpy(reply.source, to, sizeof(to));
	reply.source_port = to_port;
	reply.checksum = whole_checksum(&reply, ports);
	packet.checksum = changed(reply.checksum, (__u16)~delta);
	memcpy(reply.source, packet.destination, sizeof(to));
	reply.source_port = packet.destination_port;
	return packet.checksum == whole_checksum(&reply, ports);
}

static void test_rewriting(bool ipv4, bool ports)
{
	bool agrees = true;

	for (int i = 0; i < 200000; i++)
		agrees &= rewriting_agrees(ipv4, ports);
	ok(agrees, "%s, %s: deltas agree with whole checksums", ipv4 ? "IPv4" : "IPv6",
	   ports ? "address and port" : "address");
}

/* A UDP checksum of 0 is sent as 0xffff, the other zero of the same sum. */
static void test_udp_zero(void)
{
	bool agrees = true;

	for (int i = 0; i < 100000; i++) {
		struct packet packet;
		__u64 to[2];
		__u32 delta;

		corner_packet(&packet, i % 2);
		corner_address(to, i % 2);
		packet.payload[0] = 0;
		packet.payload[0] = whole_checksum(&packet, true);
		delta = endpoint_csum_delta(packet.destination, packet.destination_port, to, 53);
		memcpy(packet.destination, to, sizeof(to));
		packet.destination_port = 53;
		agrees &= changed(0xffff, delta) == whole_checksum(&packet, true);
	}
	ok(agrees, "a stored UDP checksum of 0xffff is updated");
}

static void test_no_change(void)
{
	__u64 address[2];
	bool same = true;

	address_parse("192.0.2.1", address);
	is_int(address_csum_delta(address, address), 0xffff,
	       "the delta of equal addresses is 0xffff, not 0");
	for (__u32 checksum = 0; checksum < 0xffff; checksum++)
		same &= changed(checksum, 0xffff) == checksum && changed(checksum, 0) == checksum;
	ok(same, "that delta leaves every checksum unchanged");
}

int main(void)
{
	test_rewriting(true, false);
	test_rewriting(true, true);
	test_rewriting(false, false);
	test_rewriting(false, true);
	test_udp_zero();
	test_no_change();
	return tap_done();
}
