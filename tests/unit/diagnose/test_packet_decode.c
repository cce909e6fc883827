// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whoever watches packets leave reads of their first bytes who speaks to whom: also in a tunnel,
 * behind tags, and never beyond the bytes that there are.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/tap.h"
#include "diagnose/explain/packet_spec.h"
#include "diagnose/trace/packet_decode.h"

#define ETHERNET_BYTES 14
#define ROOM	       (PACKET_SPEC_BYTES + 64)

static struct packet_spec specimen_of(const char *source, const char *destination)
{
	struct packet_spec packet_spec = {.is_syn = true};
	bool has_port;

	if (endpoint_parse(source, &packet_spec.source, &has_port) ||
	    endpoint_parse(destination, &packet_spec.destination, &has_port))
		abort();
	return packet_spec;
}

/* Puts bytes between the first `at` of the frame and the rest; the new length. */
static size_t insert(unsigned char *frame, size_t length, size_t at, const void *bytes,
		     size_t count)
{
	memmove(frame + at + count, frame + at, length - at);
	memcpy(frame + at, bytes, count);
	return length + count;
}

/* In memory of its own that ends where the frame does: the sanitizer sees what lies beyond. */
static bool read_exactly(struct headers *headers, const unsigned char *frame, size_t length)
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

/* Tagged, and in every tunnel; `outer` is the end of that, as an address. */
static void test_decode(const char *source, const char *destination)
{
	static const unsigned char tags[] = {0x88, 0xa8, 0, 5, 0x81, 0, 0, 7};
	static const unsigned char outer4[20] = {0x45, [12] = 10, 0, 0, 1, 10, 0, 0, 9};
	static const unsigned char udp[8] = {0xc0, 1, 6080 >> 8, 6080 & 0xff};
	const struct packet_spec packet_spec = specimen_of(source, destination);
	unsigned char frame[ROOM], tunnel[ROOM], ip[20];
	size_t length = packet_spec_build(&packet_spec, frame), more;
	__u64 end[2];
	struct headers headers;

	address_from_ipv4(htonl(0x0a000009), end);
	ok(read_exactly(&headers, frame, length) && is_between(&headers, &packet_spec) &&
		   !headers.is_encapsulated,
	   "%s to %s", source, destination);
	memcpy(ip, outer4, sizeof(ip));
	ip[9] = address_is_ipv4(packet_spec.source.address) ? IPPROTO_IPIP : IPPROTO_IPV6;
	memcpy(tunnel, frame, length);
	more = insert(tunnel, length, ETHERNET_BYTES, ip, sizeof(ip));
	ok(read_exactly(&headers, tunnel, more) && is_between(&headers, &packet_spec) &&
		   headers.is_encapsulated && !memcmp(headers.outer_destination, end, sizeof(end)),
	   "in ipip, and where that leads");
	ip[9] = IPPROTO_UDP;
	memcpy(tunnel, frame, length);
	more = insert(tunnel, length, ETHERNET_BYTES, udp, sizeof(udp));
	more = insert(tunnel, more, ETHERNET_BYTES, ip, sizeof(ip));
	ok(read_exactly(&headers, tunnel, more) && is_between(&headers, &packet_spec) &&
		   headers.is_encapsulated,
	   "in gue");
	length = insert(frame, length, 12, tags, sizeof(tags));
	ok(read_exactly(&headers, frame, length) && is_between(&headers, &packet_spec),
	   "behind two tags");
}

static void test_truncated(void)
{
	const struct packet_spec packet_spec =
		specimen_of("198.51.100.7:4711", "192.0.2.10:443/tcp");
	unsigned char frame[PACKET_SPEC_BYTES];
	size_t length = packet_spec_build(&packet_spec, frame);
	unsigned int has_addresses = 0, has_protocol = 0;
	struct headers headers;

	for (size_t i = 0; i <= length; i++) {
		bool is_ip = read_exactly(&headers, frame, i);

		has_addresses += is_ip;
		has_protocol += is_ip && headers.source.protocol;
	}
	is_int(has_addresses, length - 33, "of every length, addresses as soon as they are there");
	is_int(has_protocol, length - 37, "and ports");
	frame[ETHERNET_BYTES + 7] = 1; /* a fragment behind the first */
	ok(read_exactly(&headers, frame, length) && !headers.source.protocol,
	   "what follows a first fragment has no ports");
	frame[ETHERNET_BYTES] = 0x35;
	ok(!read_exactly(&headers, frame, length), "neither IPv4 nor IPv6");
}

int main(void)
{
	test_decode("198.51.100.7:4711", "192.0.2.10:443/tcp");
	test_decode("198.51.100.7:4711", "192.0.2.10:443/udp");
	test_decode("[2001:db8:1::7]:4711", "[2001:db8::a]:443/tcp");
	test_truncated();
	return tap_done();
}
