// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "packets/bytes.h"
#include "packets/checksum.h"
#include "packets/icmp_builder.h"

/* Sum of the ICMPv6 pseudo header. */
static __u32 pseudo_header(const struct packet_spec *spec)
{
	__u32 sum = IPPROTO_ICMPV6 + spec->payload;

	sum = checksum_add(sum, &spec->source.address, 16);
	return checksum_add(sum, &spec->destination.address, 16);
}

void icmp_checksum_set(const struct packet_spec *spec, struct packet *packet)
{
	unsigned char *at = packet->bytes + packet_transport(spec);
	__u32 sum = endpoint_is_v6(&spec->source) ? pseudo_header(spec) : 0;

	put_be16(at + 2, 0);
	put_be16(at + 2, checksum_field(checksum_add(sum, at, spec->payload)));
}

void icmp_error_build(struct icmp_error *icmp_error, struct packet *packet)
{
	bool v6 = endpoint_is_v6(&icmp_error->outer.source);
	unsigned int bytes = icmp_error->inner_bytes, network = packet_network(&icmp_error->inner);
	struct packet inner;
	unsigned char *at;

	packet_build(&icmp_error->inner, &inner);
	if (!bytes)
		bytes = inner.length - network;
	icmp_error->outer.protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	icmp_error->outer.payload = ICMP_HEADER_BYTES + bytes;
	packet_build(&icmp_error->outer, packet);
	at = packet->bytes + packet_transport(&icmp_error->outer);
	at[0] = icmp_error->type;
	at[1] = icmp_error->code;
	put_be32(at + 4, icmp_error->rest);
	memcpy(at + ICMP_HEADER_BYTES, inner.bytes + network, bytes);
	icmp_checksum_set(&icmp_error->outer, packet);
}
