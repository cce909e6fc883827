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

void message_sum(const struct frame *outer, struct packet *packet)
{
	unsigned char *at = packet->bytes + packet_transport(outer);
	__u32 sum = endpoint_is_v6(&outer->source) ? pseudo_header(outer) : 0;
	__be16 field;

	memset(at + 2, 0, sizeof(field));
	field = htons(checksum_field(checksum_add(sum, at, outer->payload)));
	memcpy(at + 2, &field, sizeof(field));
}

void message_build(struct message *message, struct packet *packet)
{
	bool v6 = endpoint_is_v6(&message->outer.source);
	unsigned int bytes = message->quoted_bytes, network = packet_network(&message->quoted);
	__be32 rest = htonl(message->rest);
	struct packet quoted;
	unsigned char *at;

	packet_build(&message->quoted, &quoted);
	if (!bytes)
		bytes = quoted.length - network;
	message->outer.protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	message->outer.payload = MESSAGE_HEADER + bytes;
	packet_build(&message->outer, packet);
	at = packet->bytes + packet_transport(&message->outer);
	at[0] = message->type;
	at[1] = message->code;
	memcpy(at + 4, &rest, sizeof(rest));
	memcpy(at + MESSAGE_HEADER, quoted.bytes + network, bytes);
	message_sum(&message->outer, packet);
}
