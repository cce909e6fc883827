// SPDX-License-Identifier: GPL-2.0-only
/*
 * packet_decode() finds addresses and ports, also of an encapsulated packet and behind VLAN
 * tags, and never reads beyond the captured bytes.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/tap.h"
#include "diagnose/explain/packet_spec.h"
#include "diagnose/packet_headers.h"
#include "diagnose/trace/packet_decode.h"

#define FRAME_BYTES (PACKET_SPEC_BYTES + 64)

static struct packet_spec parse_spec(const char *source, const char *destination)
{
	struct packet_spec packet_spec = {.is_syn = true};
	bool has_port;

	if (endpoint_parse(source, &packet_spec.source, &has_port) ||
	    endpoint_parse(destination, &packet_spec.destination, &has_port))
		abort();
	return packet_spec;
}

/* Inserts bytes at offset `at` of the frame; returns the new length. */
static size_t insert(unsigned char *frame, size_t length, size_t at, const void *bytes,
		     size_t count)
{
	memmove(frame + at + count, frame + at, length - at);
	memcpy(frame + at, bytes, count);
	return length + count;
}

/* Decodes a copy of exactly `length` bytes, so that the sanitizer detects reads beyond them. */
static bool decode_exactly(struct headers *headers, const unsigned char *frame, size_t length)
{
	unsigned char *copy = malloc(length + !length);
	bool is_ip;

	memcpy(copy, frame, length);
	is_ip = packet_decode(headers, copy, length);
	free(copy);
	return is_ip;
}

static bool is_between(const struct headers *headers, const struct packet_spec *packet_spec)
{
	return !memcmp(headers->source.address, packet_spec->source.address, 16) &&
	       !memcmp(headers->destination.address, packet_spec->destination.address, 16) &&
	       headers->source.port == packet_spec->source.port &&
	       headers->destination.port == packet_spec->destination.port &&
	       headers->source.protocol == packet_spec->destination.protocol;
}

/* A packet alone, in each tunnel, and with VLAN tags. */
static void check_encapsulations(const char *source, const char *destination)
{
	static const unsigned char tags[] = {0x88, 0xa8, 0, 5, 0x81, 0, 0, 7};
	static const unsigned char outer4[20] = {0x45, [12] = 10, 0, 0, 1, 10, 0, 0, 9};
	static const unsigned char udp[8] = {0xc0, 1, GUE_PORT >> 8, GUE_PORT & 0xff};
	const struct packet_spec packet_spec = parse_spec(source, destination);
	unsigned char frame[FRAME_BYTES], tunnel[FRAME_BYTES], ip[20];
	size_t length = packet_spec_build(&packet_spec, frame), more;
	__u64 tunnel_end[2];
	struct headers headers;

	address_from_ipv4(htonl(0x0a000009), tunnel_end);
	ok(decode_exactly(&headers, frame, length) && is_between(&headers, &packet_spec) &&
		   !headers.is_encapsulated,
	   "%s to %s", source, destination);
	memcpy(ip, outer4, sizeof(ip));
	ip[9] = address_is_ipv4(packet_spec.source.address) ? IPPROTO_IPIP : IPPROTO_IPV6;
	memcpy(tunnel, frame, length);
	more = insert(tunnel, length, ETHERNET_BYTES, ip, sizeof(ip));
	ok(decode_exactly(&headers, tunnel, more) && is_between(&headers, &packet_spec) &&
		   headers.is_encapsulated &&
		   !memcmp(headers.outer_destination, tunnel_end, sizeof(tunnel_end)),
	   "in IPIP, with the end of the tunnel");
	ip[9] = IPPROTO_UDP;
	memcpy(tunnel, frame, length);
	more = insert(tunnel, length, ETHERNET_BYTES, udp, sizeof(udp));
	more = insert(tunnel, more, ETHERNET_BYTES, ip, sizeof(ip));
	ok(decode_exactly(&headers, tunnel, more) && is_between(&headers, &packet_spec) &&
		   headers.is_encapsulated,
	   "in GUE");
	length = insert(frame, length, 12, tags, sizeof(tags));
	ok(decode_exactly(&headers, frame, length) && is_between(&headers, &packet_spec),
	   "behind two VLAN tags");
}

static void check_truncated(void)
{
	const struct packet_spec packet_spec =
		parse_spec("198.51.100.7:4711", "192.0.2.10:443/tcp");
	unsigned char frame[PACKET_SPEC_BYTES];
	size_t length = packet_spec_build(&packet_spec, frame);
	unsigned int with_addresses = 0, with_ports = 0;
	struct headers headers;

	for (size_t i = 0; i <= length; i++) {
		bool is_ip = decode_exactly(&headers, frame, i);

		with_addresses += is_ip;
		with_ports += is_ip && headers.source.protocol;
	}
	is_int(with_addresses, length - 33,
	       "addresses are decoded from every length that includes them");
	is_int(with_ports, length - 37, "ports are decoded from every length that includes them");
	frame[ETHERNET_BYTES + 7] = 1; /* fragment offset: not the first fragment */
	ok(decode_exactly(&headers, frame, length) && !headers.source.protocol,
	   "a later fragment has no ports");
	frame[ETHERNET_BYTES] = 0x35;
	ok(!decode_exactly(&headers, frame, length), "an unknown IP version is rejected");
}

int main(void)
{
	check_encapsulations("198.51.100.7:4711", "192.0.2.10:443/tcp");
	check_encapsulations("198.51.100.7:4711", "192.0.2.10:443/udp");
	check_encapsulations("[2001:db8:1::7]:4711", "[2001:db8::a]:443/tcp");
	check_truncated();
	return tap_done();
}
