// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <string.h>

#include "packets/checksum.h"
#include "packets/icmp_builder.h"

/* What an ICMPv6 checksum covers besides the message. */
static __u32 pseudo_header(const struct frame *frame)
{
	__be32 rest[2] = {htonl(frame->payload), htonl(IPPROTO_ICMPV6)};
	__u32 sum = checksum_add(0, &frame->source.address, 16);

	sum = checksum_add(sum, &frame->destination.address, 16);
	return checksum_add(sum, rest, sizeof(rest));
}

void icmp_error_checksum(const struct frame *outer, struct packet *packet)
{
	unsigned char *at = packet->bytes + packet_transport(outer);
	__u32 sum = endpoint_is_v6(&outer->source) ? pseudo_header(outer) : 0;
	__be16 field;

	memset(at + 2, 0, sizeof(field));
	field = htons(checksum_field(checksum_add(sum, at, outer->payload)));
	memcpy(at + 2, &field, sizeof(field));
}

void icmp_error_build(struct icmp_error *icmp_error, struct packet *packet)
{
	bool v6 = endpoint_is_v6(&icmp_error->outer.source);
	unsigned int bytes = icmp_error->inner_bytes, network = packet_network(&icmp_error->inner);
	__be32 rest = htonl(icmp_error->rest);
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
	memcpy(at + 4, &rest, sizeof(rest));
	memcpy(at + ICMP_HEADER_BYTES, inner.bytes + network, bytes);
	icmp_error_checksum(&icmp_error->outer, packet);
}
