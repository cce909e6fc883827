// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_ether.h>
#include <string.h>

#include "packets/checksum.h"
#include "packets/packet_generator.h"
#include "rig/fixture_config.h"
#include "rig/netns_rig.h"

/* Of services on all ports: so few that they ask for more than there are places for one. */
#define GREEDY_CLIENTS 8

/* A packet that is being drawn. */
struct draft {
	struct dice *dice;
	struct frame frame;
	unsigned int net; /* it comes from */
};

static struct endpoint draw_client(struct dice *dice, bool v6, unsigned int clients)
{
	unsigned int number = dice_below(dice, clients);
	struct endpoint client = {.port = 1024 + number % 8};
	unsigned char *address = client.address.s6_addr;

	if (v6)
		memcpy(address, "\x20\x01\x0d\xb8\x00\x0c", 6);
	else
		memcpy(address + 10, "\xff\xff\xc6\x12", 4);
	address[15] = number / 8;
	return client;
}

static __u8 draw_tcp_flags(struct dice *dice)
{
	static const __u8 flags[] = {TCP_SYN,		TCP_SYN,	   TCP_ACK, TCP_ACK,
				     TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST, 0};

	return dice_pick(dice, flags);
}

/* What any packet may have, whatever sort it is. */
static void dress(struct draft *draft)
{
	static const __u16 types[] = {ETH_P_8021Q, ETH_P_8021AD};
	static const __u16 payloads[] = {0, 0, 1, 2, 6, 19, 64, 100, 536};
	static const __u16 large[] = {1180, 1400, 8900};
	static const __u8 hops[] = {64, 64, 64, 255, 2, 1, 0};
	struct dice *dice = draft->dice;
	struct frame *frame = &draft->frame;

	rig_hardware_address(draft->net, 1, frame->to);
	rig_hardware_address(draft->net, RIG_GATEWAY, frame->from);
	frame->hops = dice_pick(dice, hops);
	frame->flags = draw_tcp_flags(dice);
	frame->payload = dice_pick(dice, payloads);
	if (dice_one_in(dice, 100)) /* about as large as the ways allow, or larger */
		frame->payload = dice_pick(dice, large) + dice_below(dice, 100);
	frame->unchecked = dice_one_in(dice, 4);
	if (dice_one_in(dice, 4))
		frame->tags = 1 + dice_below(dice, 2);
	for (unsigned int i = 0; i < frame->tags; i++) {
		frame->tag_type[i] = dice_pick(dice, types);
		frame->tag[i] = dice_word(dice);
	}
	if (!endpoint_is_v6(&frame->source) && dice_one_in(dice, 8))
		frame->option_bytes = 4 * (1 + dice_below(dice, 10));
	if (dice_one_in(dice, 2))
		frame->fragment = 0x4000; /* must not be fragmented, and is not */
}

/* Of an endpoint on all ports, one of a few. */
static void draw_port(struct dice *dice, struct endpoint *endpoint)
{
	if (!endpoint->port)
		endpoint->port = 20 + dice_below(dice, 24);
}

/* From a client to a service. */
static void draw_request(struct draft *draft)
{
	const struct cast_service *service =
		&cast_services[dice_below(draft->dice, cast_service_count)];

	draft->net = 1;
	draft->frame.destination = service->endpoint;
	draw_port(draft->dice, &draft->frame.destination);
	draft->frame.protocol = service->protocol;
	draft->frame.source =
		draw_client(draft->dice, endpoint_is_v6(&service->endpoint),
			    service->endpoint.port ? VARIETY_CLIENTS : GREEDY_CLIENTS);
	dress(draft);
}

/* One of the endpoints that snat may speak from, which is hardly anybody's. */
static struct endpoint draw_place(struct dice *dice, bool v6)
{
	struct endpoint place = v6 ? cast_snat_source.first6 : cast_snat_source.first4;

	place.address.s6_addr[15] += dice_below(dice, 2);
	place.port = dice_word(dice);
	return place;
}

/* From a backend, to a client or to what it takes for one. */
static void draw_reply(struct draft *draft)
{
	const struct cast_backend *backend =
		&cast_backends[dice_below(draft->dice, cast_backend_count)];
	bool v6 = endpoint_is_v6(&backend->endpoint);

	draft->net = cast_net(backend) == 2 ? 2 : 1;
	draft->frame.source = backend->endpoint;
	draw_port(draft->dice, &draft->frame.source);
	draft->frame.protocol = cast_services[backend->service].protocol;
	draft->frame.destination = dice_one_in(draft->dice, 8)
					   ? draw_place(draft->dice, v6)
					   : draw_client(draft->dice, v6, VARIETY_CLIENTS);
	dress(draft);
}

static void draw_ours(struct draft *draft)
{
	if (dice_one_in(draft->dice, 2))
		draw_request(draft);
	else
		draw_reply(draft);
}

static unsigned char *transport_of(const struct draft *draft, struct packet *packet)
{
	return packet->bytes + packet_transport(&draft->frame);
}

static void build_plain(struct draft *draft, struct packet *packet)
{
	packet_build(&draft->frame, packet);
}

/* Not with us: an address or a port is another. */
static void build_foreign(struct draft *draft, struct packet *packet)
{
	struct frame *frame = &draft->frame;

	switch (dice_below(draft->dice, 3)) {
	case 0:
		frame->destination.address.s6_addr[14] ^= 0x40;
		frame->source.address.s6_addr[14] ^= 0x40;
		break;
	case 1:
		frame->destination.port ^= 1;
		frame->source.port ^= 1;
		break;
	default:
		frame->protocol = frame->protocol == IPPROTO_TCP ? IPPROTO_UDP : IPPROTO_TCP;
	}
	packet_build(frame, packet);
}

/* IPv6 with the addresses of IPv4 endpoints, as the tables hold them. */
static void build_mapped(struct draft *draft, struct packet *packet)
{
	struct frame as_ipv6 = draft->frame;
	unsigned char *ip;

	if (endpoint_is_v6(&draft->frame.source)) {
		packet_build(&draft->frame, packet);
		return;
	}
	as_ipv6.source = as_ipv6.destination = endpoint("2001:db8::", 0);
	as_ipv6.source.port = draft->frame.source.port;
	as_ipv6.destination.port = draft->frame.destination.port;
	packet_build(&as_ipv6, packet);
	ip = packet->bytes + packet_network(&as_ipv6);
	memcpy(ip + 8, &draft->frame.source.address, 16);
	memcpy(ip + 24, &draft->frame.destination.address, 16);
}

static void build_ipv4_fragment(struct draft *draft, struct packet *packet)
{
	static const __u16 fields[] = {0x2000, 0x2010, 0x0020, 0x1fff, 0x3fff};

	draft->frame.fragment = dice_pick(draft->dice, fields);
	packet_build(&draft->frame, packet);
}

/* Puts headers of IPv6 between IP and transport, a fragment's or others. */
static void build_extended(struct draft *draft, struct packet *packet)
{
	static const __u8 types[] = {IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT,
				     IPPROTO_AH,      IPPROTO_DSTOPTS, 135};
	unsigned int network = packet_network(&draft->frame);
	unsigned int headers = 1 + dice_below(draft->dice, 3);

	packet_build(&draft->frame, packet);
	if (!endpoint_is_v6(&draft->frame.source))
		return;
	for (unsigned int i = 0; i < headers; i++) {
		unsigned char *next = &packet->bytes[network + 6];
		unsigned char header[8] = {*next, 0, 1, 4};

		*next = dice_pick(draft->dice, types);
		packet_insert(packet, packet_transport(&draft->frame), header, sizeof(header));
		packet->bytes[network + 5] += sizeof(header);
	}
}

static void build_other_transport(struct draft *draft, struct packet *packet)
{
	static const __u8 protocols[] = {
		IPPROTO_SCTP, IPPROTO_GRE,    IPPROTO_ESP,  IPPROTO_UDPLITE, IPPROTO_DCCP,
		IPPROTO_IGMP, IPPROTO_ICMPV6, IPPROTO_ICMP, IPPROTO_NONE,    255};

	draft->frame.protocol = dice_pick(draft->dice, protocols);
	packet_build(&draft->frame, packet);
}

/* The IP packet of another that is ours. */
static unsigned int draw_inner(struct draft *draft, struct packet *inner)
{
	struct draft other = {.dice = draft->dice};

	do
		draw_ours(&other);
	while (endpoint_is_v6(&other.frame.source) != endpoint_is_v6(&draft->frame.source));
	other.frame.payload %= 128;
	packet_build(&other.frame, inner);
	return packet_network(&other.frame);
}

static void build_tunnelled(struct draft *draft, struct packet *packet)
{
	struct packet inner;
	unsigned int network = draw_inner(draft, &inner);

	draft->frame.protocol = endpoint_is_v6(&draft->frame.source) ? IPPROTO_IPV6 : IPPROTO_IPIP;
	draft->frame.payload = inner.length - network;
	packet_build(&draft->frame, packet);
	memcpy(transport_of(draft, packet), inner.bytes + network, draft->frame.payload);
}

/* Makes the payload an ICMP message with a right checksum. */
static void finish_icmp(struct draft *draft, struct packet *packet, __u8 type, __u8 code)
{
	bool v6 = endpoint_is_v6(&draft->frame.source);
	unsigned char *message = transport_of(draft, packet);
	__u32 sum = 0;

	message[0] = type;
	message[1] = code;
	message[2] = message[3] = 0;
	if (v6) {
		sum = checksum_add(IPPROTO_ICMPV6 + draft->frame.payload,
				   &draft->frame.source.address, 16);
		sum = checksum_add(sum, &draft->frame.destination.address, 16);
	}
	sum = checksum_field(checksum_add(sum, message, draft->frame.payload));
	message[2] = sum >> 8;
	message[3] = sum;
}

/* Now and then as empty as a ping can be. */
static void build_ping(struct draft *draft, struct packet *packet)
{
	bool v6 = endpoint_is_v6(&draft->frame.source);

	draft->frame.protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	draft->frame.payload += 8;
	packet_build(&draft->frame, packet);
	if (dice_one_in(draft->dice, 8))
		memset(transport_of(draft, packet), 0, draft->frame.payload);
	finish_icmp(draft, packet, v6 ? 128 : 8, 0);
}

/* The packet that one who is told of it may have sent. */
static unsigned int build_quoted(const struct draft *draft, struct packet *quoted)
{
	struct frame frame = draft->frame;

	frame.source = draft->frame.destination;
	frame.destination = draft->frame.source;
	frame.payload %= 128;
	packet_build(&frame, quoted);
	return packet_network(&frame);
}

/* What a router says of a packet that is ours. */
static void build_icmp_error(struct draft *draft, struct packet *packet)
{
	static const __u8 types[] = {3, 3, 11, 12, 5, 4}, types6[] = {1, 2, 2, 3, 4};
	bool v6 = endpoint_is_v6(&draft->frame.source);
	struct packet inner;
	unsigned int network = dice_one_in(draft->dice, 4) ? draw_inner(draft, &inner)
							   : build_quoted(draft, &inner);

	draft->frame.protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	draft->frame.payload = 8 + inner.length - network;
	packet_build(&draft->frame, packet);
	memcpy(transport_of(draft, packet) + 8, inner.bytes + network, inner.length - network);
	memcpy(transport_of(draft, packet) + 4, "\0\0\x05", 4);
	finish_icmp(draft, packet,
		    v6 ? dice_pick(draft->dice, types6) : dice_pick(draft->dice, types),
		    dice_below(draft->dice, 5));
}

static void build_not_ip(struct draft *draft, struct packet *packet)
{
	static const __u16 types[] = {
		ETH_P_ARP, ETH_P_MPLS_UC, ETH_P_QINQ1, ETH_P_PPP_SES, ETH_P_LOOP, 46, 0, 0xffff};
	__u16 type = dice_pick(draft->dice, types);

	packet_build(&draft->frame, packet);
	packet->bytes[2 * ETH_ALEN] = type >> 8;
	packet->bytes[2 * ETH_ALEN + 1] = type;
}

static const struct sort {
	void (*draw)(struct draft *draft);
	void (*build)(struct draft *draft, struct packet *packet);
} sorts[] = {
	{draw_request, build_plain},  {draw_reply, build_plain},
	{draw_request, build_ping},   {draw_ours, build_foreign},
	{draw_ours, build_mapped},    {draw_ours, build_ipv4_fragment},
	{draw_ours, build_extended},  {draw_ours, build_other_transport},
	{draw_ours, build_tunnelled}, {draw_ours, build_icmp_error},
	{draw_ours, build_not_ip},
};

unsigned int variety_sorts(void)
{
	return sizeof(sorts) / sizeof(sorts[0]);
}

unsigned int variety_draw(unsigned int sort, struct dice *dice, struct packet *packet)
{
	struct draft draft = {.dice = dice};

	sorts[sort].draw(&draft);
	sorts[sort].build(&draft, packet);
	return draft.net;
}

void variety_draw_request(struct dice *dice, struct packet *packet)
{
	struct draft draft = {.dice = dice};

	draw_request(&draft);
	build_plain(&draft, packet);
}

unsigned int variety_draw_any(struct dice *dice, struct packet *packet)
{
	unsigned int sort = dice_below(dice, 4 * variety_sorts());

	return variety_draw(sort < variety_sorts() ? sort : sort % 2, dice, packet);
}
