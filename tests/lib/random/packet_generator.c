// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_ether.h>
#include <string.h>

#include "harness/testnet.h"
#include "packets/bytes.h"
#include "packets/icmp_builder.h"
#include "random/fixture_config.h"
#include "random/packet_generator.h"

/*
 * Clients of services on all ports: so few that their connections exceed the SNAT ports of a
 * client.
 */
#define ALL_PORTS_CLIENTS 8

/* A packet under construction. */
struct draft {
	struct prng *prng;
	struct packet_spec spec;
	unsigned int net; /* net that it comes from */
};

static struct endpoint draw_client(struct prng *prng, bool v6, unsigned int clients)
{
	unsigned int number = prng_below(prng, clients);
	struct endpoint client = {.port = 1024 + number % 8};
	unsigned char *address = client.address.s6_addr;

	if (v6)
		memcpy(address, "\x20\x01\x0d\xb8\x00\x0c", 6);
	else
		memcpy(address + 10, "\xff\xff\xc6\x12", 4);
	address[15] = number / 8;
	return client;
}

static __u8 draw_tcp_flags(struct prng *prng)
{
	static const __u8 flags[] = {TCP_SYN,		TCP_SYN,	   TCP_ACK, TCP_ACK,
				     TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST, 0};

	return prng_pick(prng, flags);
}

/* Sets the fields that any kind of packet may have. */
static void randomize_headers(struct draft *draft)
{
	static const __u16 types[] = {ETH_P_8021Q, ETH_P_8021AD};
	static const __u16 payloads[] = {0, 0, 1, 2, 6, 19, 64, 100, 536};
	static const __u16 large[] = {1180, 1400, 8900};
	static const __u8 ttl[] = {64, 64, 64, 255, 2, 1, 0};
	struct prng *prng = draft->prng;
	struct packet_spec *spec = &draft->spec;

	testnet_mac_address(draft->net, 1, spec->to);
	testnet_mac_address(draft->net, TESTNET_GATEWAY, spec->from);
	spec->ttl = prng_pick(prng, ttl);
	spec->flags = draw_tcp_flags(prng);
	spec->payload = prng_pick(prng, payloads);
	if (prng_one_in(prng, 100)) /* near the MTU, or above it */
		spec->payload = prng_pick(prng, large) + prng_below(prng, 100);
	spec->no_checksum = prng_one_in(prng, 4);
	if (prng_one_in(prng, 4))
		spec->tags = 1 + prng_below(prng, 2);
	for (unsigned int i = 0; i < spec->tags; i++) {
		spec->tag_type[i] = prng_pick(prng, types);
		spec->tag[i] = prng_next(prng);
	}
	if (!endpoint_is_v6(&spec->source) && prng_one_in(prng, 8))
		spec->option_bytes = 4 * (1 + prng_below(prng, 10));
	if (prng_one_in(prng, 2))
		spec->fragment = 0x4000; /* DF */
}

/* Sets one of a few ports if the endpoint is on all ports. */
static void draw_port(struct prng *prng, struct endpoint *endpoint)
{
	if (!endpoint->port)
		endpoint->port = 20 + prng_below(prng, 24);
}

/* A packet from a client to a service. */
static void draw_request(struct draft *draft)
{
	const struct fixture_service *service =
		&fixture_services[prng_below(draft->prng, fixture_service_count)];

	draft->net = 1;
	draft->spec.destination = service->endpoint;
	draw_port(draft->prng, &draft->spec.destination);
	draft->spec.protocol = service->protocol;
	draft->spec.source =
		draw_client(draft->prng, endpoint_is_v6(&service->endpoint),
			    service->endpoint.port ? GENERATOR_CLIENTS : ALL_PORTS_CLIENTS);
	randomize_headers(draft);
}

/* An endpoint of the SNAT pool, rarely one in use. */
static struct endpoint draw_snat_endpoint(struct prng *prng, bool v6)
{
	struct endpoint snat_endpoint =
		v6 ? fixture_snat_source.first6 : fixture_snat_source.first4;

	snat_endpoint.address.s6_addr[15] += prng_below(prng, 2);
	snat_endpoint.port = prng_next(prng);
	return snat_endpoint;
}

/* A packet from a backend to a client or to an endpoint of the SNAT pool. */
static void draw_reply(struct draft *draft)
{
	const struct fixture_backend *backend =
		&fixture_backends[prng_below(draft->prng, fixture_backend_count)];
	bool v6 = endpoint_is_v6(&backend->endpoint);

	draft->net = fixture_backend_net(backend) == 2 ? 2 : 1;
	draft->spec.source = backend->endpoint;
	draw_port(draft->prng, &draft->spec.source);
	draft->spec.protocol = fixture_services[backend->service].protocol;
	draft->spec.destination = prng_one_in(draft->prng, 8)
					  ? draw_snat_endpoint(draft->prng, v6)
					  : draw_client(draft->prng, v6, GENERATOR_CLIENTS);
	randomize_headers(draft);
}

static void draw_balanced(struct draft *draft)
{
	if (prng_one_in(draft->prng, 2))
		draw_request(draft);
	else
		draw_reply(draft);
}

static unsigned char *transport_of(const struct draft *draft, struct packet *packet)
{
	return packet->bytes + packet_transport(&draft->spec);
}

static void build_plain(struct draft *draft, struct packet *packet)
{
	packet_build(&draft->spec, packet);
}

/* Matches no service or backend: another address, port or protocol. */
static void build_unmatched(struct draft *draft, struct packet *packet)
{
	struct packet_spec *spec = &draft->spec;

	switch (prng_below(draft->prng, 3)) {
	case 0:
		spec->destination.address.s6_addr[14] ^= 0x40;
		spec->source.address.s6_addr[14] ^= 0x40;
		break;
	case 1:
		spec->destination.port ^= 1;
		spec->source.port ^= 1;
		break;
	default:
		spec->protocol = spec->protocol == IPPROTO_TCP ? IPPROTO_UDP : IPPROTO_TCP;
	}
	packet_build(spec, packet);
}

/* IPv6 with IPv4-mapped addresses, the form in which tables hold IPv4 addresses. */
static void build_mapped(struct draft *draft, struct packet *packet)
{
	struct packet_spec as_ipv6 = draft->spec;
	unsigned char *ip;

	if (endpoint_is_v6(&draft->spec.source)) {
		packet_build(&draft->spec, packet);
		return;
	}
	as_ipv6.source = as_ipv6.destination = endpoint("2001:db8::", 0);
	as_ipv6.source.port = draft->spec.source.port;
	as_ipv6.destination.port = draft->spec.destination.port;
	packet_build(&as_ipv6, packet);
	ip = packet->bytes + packet_network(&as_ipv6);
	memcpy(ip + 8, &draft->spec.source.address, 16);
	memcpy(ip + 24, &draft->spec.destination.address, 16);
}

static void build_ipv4_fragment(struct draft *draft, struct packet *packet)
{
	static const __u16 fields[] = {0x2000, 0x2010, 0x0020, 0x1fff, 0x3fff};

	draft->spec.fragment = prng_pick(draft->prng, fields);
	packet_build(&draft->spec, packet);
}

/* Inserts IPv6 extension headers, fragment headers among them. */
static void build_extension_headers(struct draft *draft, struct packet *packet)
{
	static const __u8 types[] = {IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT,
				     IPPROTO_AH,      IPPROTO_DSTOPTS, 135};
	unsigned int network = packet_network(&draft->spec);
	unsigned int headers = 1 + prng_below(draft->prng, 3);

	packet_build(&draft->spec, packet);
	if (!endpoint_is_v6(&draft->spec.source))
		return;
	for (unsigned int i = 0; i < headers; i++) {
		unsigned char *next = &packet->bytes[network + 6];
		unsigned char header[8] = {*next, 0, 1, 4};

		*next = prng_pick(draft->prng, types);
		packet_insert(packet, packet_transport(&draft->spec), header, sizeof(header));
		packet->bytes[network + 5] += sizeof(header);
	}
}

static void build_other_transport(struct draft *draft, struct packet *packet)
{
	static const __u8 protocols[] = {
		IPPROTO_SCTP, IPPROTO_GRE,    IPPROTO_ESP,  IPPROTO_UDPLITE, IPPROTO_DCCP,
		IPPROTO_IGMP, IPPROTO_ICMPV6, IPPROTO_ICMP, IPPROTO_NONE,    255};

	draft->spec.protocol = prng_pick(draft->prng, protocols);
	packet_build(&draft->spec, packet);
}

/* Draws an inner packet of a service or backend. Returns the offset of its network header. */
static unsigned int draw_inner(struct draft *draft, struct packet *inner)
{
	struct draft balanced = {.prng = draft->prng};

	do
		draw_balanced(&balanced);
	while (endpoint_is_v6(&balanced.spec.source) != endpoint_is_v6(&draft->spec.source));
	balanced.spec.payload %= 128;
	packet_build(&balanced.spec, inner);
	return packet_network(&balanced.spec);
}

static void build_tunnelled(struct draft *draft, struct packet *packet)
{
	struct packet inner;
	unsigned int network = draw_inner(draft, &inner);

	draft->spec.protocol = endpoint_is_v6(&draft->spec.source) ? IPPROTO_IPV6 : IPPROTO_IPIP;
	draft->spec.payload = inner.length - network;
	packet_build(&draft->spec, packet);
	memcpy(transport_of(draft, packet), inner.bytes + network, draft->spec.payload);
}

/* Makes the payload an ICMP message with a valid checksum. */
static void finish_icmp(struct draft *draft, struct packet *packet, __u8 type, __u8 code)
{
	unsigned char *message = transport_of(draft, packet);

	message[0] = type;
	message[1] = code;
	icmp_checksum_set(&draft->spec, packet);
}

/* Sometimes with zeros only after the ICMP header's type. */
static void build_echo_request(struct draft *draft, struct packet *packet)
{
	bool v6 = endpoint_is_v6(&draft->spec.source);

	draft->spec.protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	draft->spec.payload += 8;
	packet_build(&draft->spec, packet);
	if (prng_one_in(draft->prng, 8))
		memset(transport_of(draft, packet), 0, draft->spec.payload);
	finish_icmp(draft, packet, v6 ? 128 : 8, 0);
}

/* Builds the packet that the receiver of the error may have sent. */
static unsigned int build_offending(const struct draft *draft, struct packet *offending)
{
	struct packet_spec spec = draft->spec;

	spec.source = draft->spec.destination;
	spec.destination = draft->spec.source;
	spec.payload %= 128;
	packet_build(&spec, offending);
	return packet_network(&spec);
}

/* An ICMP error from a router about such a packet. */
static void build_icmp_error(struct draft *draft, struct packet *packet)
{
	static const __u8 types[] = {3, 3, 11, 12, 5, 4}, types6[] = {1, 2, 2, 3, 4};
	bool v6 = endpoint_is_v6(&draft->spec.source);
	struct packet inner;
	unsigned int network = prng_one_in(draft->prng, 4) ? draw_inner(draft, &inner)
							   : build_offending(draft, &inner);

	draft->spec.protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	draft->spec.payload = 8 + inner.length - network;
	packet_build(&draft->spec, packet);
	memcpy(transport_of(draft, packet) + 8, inner.bytes + network, inner.length - network);
	memcpy(transport_of(draft, packet) + 4, "\0\0\x05", 4);
	finish_icmp(draft, packet,
		    v6 ? prng_pick(draft->prng, types6) : prng_pick(draft->prng, types),
		    prng_below(draft->prng, 5));
}

static void build_not_ip(struct draft *draft, struct packet *packet)
{
	static const __u16 types[] = {
		ETH_P_ARP, ETH_P_MPLS_UC, ETH_P_QINQ1, ETH_P_PPP_SES, ETH_P_LOOP, 46, 0, 0xffff};
	__u16 type = prng_pick(draft->prng, types);

	packet_build(&draft->spec, packet);
	put_be16(packet->bytes + 2 * ETH_ALEN, type);
}

static const struct kind {
	void (*draw)(struct draft *draft);
	void (*build)(struct draft *draft, struct packet *packet);
} kinds[] = {
	{draw_request, build_plain},
	{draw_reply, build_plain},
	{draw_request, build_echo_request},
	{draw_balanced, build_unmatched},
	{draw_balanced, build_mapped},
	{draw_balanced, build_ipv4_fragment},
	{draw_balanced, build_extension_headers},
	{draw_balanced, build_other_transport},
	{draw_balanced, build_tunnelled},
	{draw_balanced, build_icmp_error},
	{draw_balanced, build_not_ip},
};

unsigned int generator_kinds(void)
{
	return sizeof(kinds) / sizeof(kinds[0]);
}

unsigned int generator_draw(unsigned int kind, struct prng *prng, struct packet *packet)
{
	struct draft draft = {.prng = prng};

	kinds[kind].draw(&draft);
	kinds[kind].build(&draft, packet);
	return draft.net;
}

void generator_draw_request(struct prng *prng, struct packet *packet)
{
	struct draft draft = {.prng = prng};

	draw_request(&draft);
	build_plain(&draft, packet);
}

unsigned int generator_draw_any(struct prng *prng, struct packet *packet)
{
	unsigned int kind = prng_below(prng, 4 * generator_kinds());

	return generator_draw(kind < generator_kinds() ? kind : kind % 2, prng, packet);
}
