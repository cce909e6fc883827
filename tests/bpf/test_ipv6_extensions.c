// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv6 extension headers are skipped and kept unchanged. A packet with too many or too long
 * headers, or with one that cannot be skipped, passes to the stack.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/test_env.h"
#include "packets/bytes.h"

#define HOP_BY_HOP 0
#define ROUTING	   43
#define FRAGMENT   44 /* fragment header */
#define OPTIONS	   60
#define IP6	   40U

static struct env env;

struct header {
	__u8 type;
	__u8 more; /* length after the first 8 bytes, in units of 8 bytes */
	__u8 third; /* byte 3: segments left (routing), low bits of the offset (fragment) */
};

/* A chain of extension headers. */
struct chain {
	const char *what;
	unsigned int count;
	struct header header[6];
};

static unsigned int chain_bytes(const struct chain *chain)
{
	unsigned int bytes = 0;

	for (unsigned int i = 0; i < chain->count; i++)
		bytes += (chain->header[i].more + 1) * 8;
	return bytes;
}

/* Inserts the chain after the IPv6 header. */
static void build(const struct packet_spec *spec, const struct chain *chain, struct packet *packet)
{
	unsigned char *ip = packet->bytes + packet_network(spec), *at = ip + IP6;
	unsigned int bytes = chain_bytes(chain), payload_bytes;
	unsigned char *next = ip + 6;
	__u8 protocol = spec->protocol;

	packet_build(spec, packet);
	memmove(at + bytes, at, packet->length - packet_transport(spec));
	packet->length += bytes;
	payload_bytes = packet->length - packet_network(spec) - IP6;
	put_be16(ip + 4, payload_bytes);
	for (unsigned int i = 0; i < chain->count; i++) {
		const struct header *header = &chain->header[i];

		memset(at, 0x5a, (header->more + 1) * 8);
		*next = header->type;
		next = at;
		at[1] = header->more;
		at[2] = 0;
		at[3] = header->third;
		at += (header->more + 1) * 8;
	}
	*next = protocol;
}

static const struct chain followed[] = {
	{"hop-by-hop options", 1, {{HOP_BY_HOP, 0, 0}}},
	{"destination options", 1, {{OPTIONS, 1, 0}}},
	{"a routing header with no segment left", 1, {{ROUTING, 2, 0}}},
	{"a fragment header of an unfragmented packet", 1, {{FRAGMENT, 0, 0}}},
	{"all four headers",
	 4,
	 {{HOP_BY_HOP, 0, 0}, {OPTIONS, 3, 0}, {ROUTING, 1, 0}, {FRAGMENT, 0, 0}}},
	{"256 bytes in one header", 1, {{OPTIONS, 31, 0}}},
	{"256 bytes in four headers",
	 4,
	 {{HOP_BY_HOP, 7, 0}, {OPTIONS, 7, 0}, {ROUTING, 7, 0}, {OPTIONS, 7, 0}}},
};

static const struct chain unfollowed[] = {
	{"five headers",
	 5,
	 {{HOP_BY_HOP, 0, 0}, {OPTIONS, 0, 0}, {ROUTING, 0, 0}, {FRAGMENT, 0, 0}, {OPTIONS, 0, 0}}},
	{"264 bytes in one header", 1, {{OPTIONS, 32, 0}}},
	{"264 bytes in two headers", 2, {{HOP_BY_HOP, 0, 0}, {OPTIONS, 31, 0}}},
	{"a routing header with a segment left", 1, {{ROUTING, 2, 1}}},
	{"two fragment headers", 2, {{FRAGMENT, 0, 0}, {FRAGMENT, 0, 0}}},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void both_directions(const struct chain *chain, __u8 protocol, unsigned int tags)
{
	static __u32 client;
	struct exchange exchange = env_exchange(&env, 10, true, protocol, client++);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN), sent;
	const char *name = protocol == IPPROTO_TCP ? "TCP" : "UDP";
	struct packet packet, wanted;
	struct verdict verdict;

	exchange.backend = env_backend_endpoint(true, 2, 11);
	spec.tags = tags;
	spec.tag_type[0] = spec.tag_type[1] = ETH_P_8021Q;
	sent = exchange_request_expected(&exchange, spec);
	build(&spec, chain, &packet);
	build(&sent, chain, &wanted);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "%s request after %s is forwarded",
	       name, chain->what);
	spec = exchange_reply(&exchange, TCP_SYN | TCP_ACK);
	sent = exchange_reply_expected(&exchange, spec);
	build(&spec, chain, &packet);
	build(&sent, chain, &wanted);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_REPLIED, &wanted, "%s reply after %s is translated", name,
	       chain->what);
}

static void passes(const struct packet_spec *spec, const struct chain *chain,
		   enum lb_outcome outcome, const char *what)
{
	struct packet packet;
	struct verdict verdict;

	build(spec, chain, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_PASS, outcome, &packet, "%s %s passes unchanged", what, chain->what);
}

static void every_length(const struct chain *chain)
{
	struct exchange exchange = env_exchange(&env, 10, true, IPPROTO_TCP, 999);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
	unsigned int shortest = packet_transport(&spec) + chain_bytes(chain) + 20, wrong = 0;
	struct packet packet;
	struct verdict verdict;

	build(&spec, chain, &packet);
	for (packet.length = packet_transport(&spec); packet.length < shortest; packet.length++) {
		instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
		wrong += verdict.action != XDP_PASS ||
			 verdict.increments.count[LB_MALFORMED] != 1 ||
			 !packet_same(&verdict.packet, &packet);
	}
	is_int(wrong, 0, "after %s, every truncated packet is malformed", chain->what);
}

static void other_transport(void)
{
	struct exchange exchange = env_exchange(&env, 10, true, IPPROTO_SCTP, 1);
	struct packet_spec spec = exchange_request(&exchange, 0);

	spec.payload = 64;
	passes(&spec, &followed[4], LB_NOT_TCP_UDP, "SCTP after");
	spec = exchange_request(&exchange, 0);
	spec.protocol = IPPROTO_TCP;
	spec.destination.address.s6_addr[15]++;
	passes(&spec, &unfollowed[0], LB_PASSED, "a packet to another address, after");
	spec.destination.address.s6_addr[15]--;
	spec.destination.port = 81;
	passes(&spec, &followed[4], LB_PASSED, "a packet to another port, after");
}

int main(void)
{
	struct exchange exchange;
	struct packet_spec spec;

	env_open(&env, "--max-flows 4096");
	env_add_service(&env, "tcp6", 10, true, IPPROTO_TCP, "");
	env_add_backend(&env, "tcp6", true, 2, 11, "");
	env_add_service(&env, "udp6", 10, true, IPPROTO_UDP, "");
	env_add_backend(&env, "udp6", true, 2, 11, "");
	for (unsigned int i = 0; i < LENGTH(followed); i++) {
		both_directions(&followed[i], IPPROTO_TCP, 0);
		both_directions(&followed[i], IPPROTO_UDP, 2);
		every_length(&followed[i]);
	}
	exchange = env_exchange(&env, 10, true, IPPROTO_TCP, 5000);
	spec = exchange_request(&exchange, TCP_SYN);
	for (unsigned int i = 0; i < LENGTH(unfollowed); i++)
		passes(&spec, &unfollowed[i], LB_EXTENSIONS, "TCP after");
	other_transport();
	return tap_done();
}
