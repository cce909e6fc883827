// SPDX-License-Identifier: GPL-2.0-only
/*
 * NAT. A request gets the backend's address and port, a reply those of the service. The TTL is
 * decremented, MAC addresses are those of the next hop, all checksums are valid, and no other bit
 * changes: with any number of VLAN tags, with IPv4 options and without a UDP checksum.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/test_env.h"

static struct env env;

/* What varies between packets, besides IP version and protocol. */
struct variant {
	const char *what;
	unsigned int tags;
	__u16 tag_type[2];
	__u8 option_bytes;
	__u8 ttl;
	__u16 payload;
	bool no_checksum;
};

static const struct variant variants[] = {
	{.what = "plain", .ttl = 64, .payload = 19},
	{.what = "an odd number of payload bytes", .ttl = 64, .payload = 1},
	{.what = "no payload", .ttl = 64},
	{.what = "1400 bytes", .ttl = 64, .payload = 1400},
	{.what = "one 802.1Q tag", .tags = 1, .tag_type = {ETH_P_8021Q}, .ttl = 64},
	{.what = "one 802.1ad tag", .tags = 1, .tag_type = {ETH_P_8021AD}, .ttl = 64},
	{.what = "two VLAN tags",
	 .tags = 2,
	 .tag_type = {ETH_P_8021AD, ETH_P_8021Q},
	 .ttl = 64,
	 .payload = 7},
	{.what = "TTL 2", .ttl = 2, .payload = 9},
	{.what = "TTL 255", .ttl = 255, .payload = 9},
};

static const struct variant ipv4_variants[] = {
	{.what = "4 bytes of options", .option_bytes = 4, .ttl = 64, .payload = 5},
	{.what = "40 bytes of options", .option_bytes = 40, .ttl = 64, .payload = 5},
};

static const struct variant no_checksum = {
	.what = "no UDP checksum", .ttl = 64, .payload = 5, .no_checksum = true};

static void vary(struct packet_spec *spec, const struct variant *variant)
{
	spec->tags = variant->tags;
	memcpy(spec->tag_type, variant->tag_type, sizeof(spec->tag_type));
	spec->tag[0] = 0x2064;
	spec->tag[1] = 0x0007;
	spec->option_bytes = variant->option_bytes;
	spec->ttl = variant->ttl;
	spec->payload = variant->payload;
	spec->no_checksum = variant->no_checksum;
}

/* A request and a reply. `net`: the net of the backend. */
static void translates_both_directions(const struct exchange *exchange,
				       const struct variant *variant, const char *family,
				       unsigned int net)
{
	__u32 action = net == 1 ? XDP_TX : XDP_REDIRECT;
	struct packet_spec spec = exchange_request(exchange, TCP_SYN), rewritten;
	struct packet packet, wanted;
	struct verdict verdict;

	vary(&spec, variant);
	rewritten = exchange_request_expected(exchange, spec);
	packet_build(&spec, &packet);
	packet_build(&rewritten, &wanted);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, action, LB_FORWARDED, &wanted, "a request (%s: %s) is translated", family,
	       variant->what);

	spec = exchange_reply(exchange, TCP_SYN | TCP_ACK);
	vary(&spec, variant);
	rewritten = exchange_reply_expected(exchange, spec);
	packet_build(&spec, &packet);
	packet_build(&rewritten, &wanted);
	instance_receive(&env.instance, net == 1 ? env.testnet.front : env.testnet.back, &packet,
			 &verdict);
	expect(&verdict, action, LB_REPLIED, &wanted, "a reply (%s: %s) is translated", family,
	       variant->what);
}

static void every_variant(unsigned int service, bool v6, __u8 protocol, unsigned int net)
{
	static __u32 client;
	char family[64];

	snprintf(family, sizeof(family), "%s %s, backend on %s side", v6 ? "IPv6" : "IPv4",
		 protocol == IPPROTO_TCP ? "TCP" : "UDP",
		 net == 1 ? "the clients'" : "the backends'");
	for (unsigned int i = 0; i < sizeof(variants) / sizeof(variants[0]) + 3; i++) {
		unsigned int common = sizeof(variants) / sizeof(variants[0]);
		struct exchange exchange = env_exchange(&env, service, v6, protocol, client++);
		const struct variant *variant = i < common	 ? &variants[i]
						: i < common + 2 ? &ipv4_variants[i - common]
								 : &no_checksum;

		exchange.backend = env_backend_endpoint(v6, net, 10 + service);
		if ((variant->option_bytes && v6) ||
		    (variant->no_checksum && protocol != IPPROTO_UDP))
			continue;
		translates_both_directions(&exchange, variant, family, net);
	}
}

/* For any addresses and ports, checksums are valid, and none becomes 0 (no checksum). */
static void checksums_are_right_for_any_client(bool v6, __u8 protocol)
{
	unsigned int wrong = 0, packets = 2000;

	for (unsigned int i = 0; i < packets; i++) {
		struct exchange exchange = env_exchange(&env, 1, v6, protocol, random());
		struct packet_spec spec = exchange_request(&exchange, TCP_ACK), rewritten;
		struct packet packet, wanted;
		struct verdict verdict;

		spec.payload = random() % 100;
		exchange.backend = env_backend_endpoint(v6, 1, 11);
		rewritten = exchange_request_expected(&exchange, spec);
		packet_build(&spec, &packet);
		packet_build(&rewritten, &wanted);
		instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
		wrong += !packet_same(&verdict.packet, &wanted);
	}
	is_int(wrong, 0, "%u requests of random %s %s clients are translated", packets,
	       v6 ? "IPv6" : "IPv4", protocol == IPPROTO_TCP ? "TCP" : "UDP");
}

/*
 * UDP over IPv4: for all 65536 possible sums, the updated checksum equals a full computation, and
 * so it is never 0.
 */
static void no_udp_checksum_becomes_zero(void)
{
	struct exchange exchange = env_exchange(&env, 1, false, IPPROTO_UDP, 77);
	unsigned int wrong = 0;

	exchange.backend = env_backend_endpoint(false, 1, 11);
	for (unsigned int i = 0; i < 65536; i++) {
		struct packet_spec spec = exchange_request(&exchange, 0), rewritten;
		struct packet packet, wanted;
		struct verdict verdict;

		spec.source.port = i;
		spec.payload = 2;
		rewritten = exchange_request_expected(&exchange, spec);
		packet_build(&spec, &packet);
		packet_build(&rewritten, &wanted);
		instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
		wrong += !packet_same(&verdict.packet, &wanted);
	}
	is_int(wrong, 0, "all 65536 UDP checksums are updated correctly");
}

/* A wrong checksum stays wrong by the same amount, so that the receiver detects the error. */
static void wrong_checksum_stays_wrong(void)
{
	struct exchange exchange = env_exchange(&env, 1, false, IPPROTO_TCP, 78);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
	struct endpoint source, destination;
	struct packet packet;
	struct verdict verdict;

	packet_build(&spec, &packet);
	packet.bytes[packet.length - 1] ^= 0x55;
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	ok(!packet_read(&verdict.packet, &source, &destination), "a wrong checksum stays wrong");
}

static void add_services(bool v6, __u8 protocol)
{
	for (unsigned int net = 1; net <= 2; net++) {
		char name[32];

		snprintf(name, sizeof(name), "s%u-%u-%u", net, v6 ? 6 : 4, protocol);
		env_add_service(&env, name, net, v6, protocol, "");
		env_add_backend(&env, name, v6, net, 10 + net, "");
	}
}

int main(void)
{
	static const __u8 protocols[] = {IPPROTO_TCP, IPPROTO_UDP};

	env_open(&env, "--max-flows 100000");
	for (unsigned int i = 0; i < 4; i++) {
		bool v6 = i & 1;
		__u8 protocol = protocols[i >> 1];

		add_services(v6, protocol);
		every_variant(1, v6, protocol, 1);
		every_variant(2, v6, protocol, 2);
		checksums_are_right_for_any_client(v6, protocol);
	}
	no_udp_checksum_becomes_zero();
	wrong_checksum_stays_wrong();
	return tap_done();
}
