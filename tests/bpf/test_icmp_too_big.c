// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets larger than the path MTU of the backend: the client gets an ICMP error with the MTU,
 * compared byte by byte. Packets that may be fragmented pass to the stack.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "core/process.h"
#include "harness/expect.h"
#include "harness/test_env.h"
#include "packets/bytes.h"
#include "packets/checksum.h"
#include "packets/icmp_builder.h"
#include "packets/tunnel_builder.h"

#define DONT_FRAGMENT 0x4000
#define INNER_BYTES   128U
#define ICMP_BYTES    8U

static struct env env;
static __u32 next_client = 1;

/* Builds the ICMP error about a request, as a packet of its own. */
static void build_too_big(const struct packet_spec *request, const struct packet *packet, __u16 mtu,
			  struct packet *too_big)
{
	bool v6 = endpoint_is_v6(&request->source);
	unsigned int network = packet_network(request);
	struct packet_spec spec = packet_spec_reverse(request);
	unsigned char *at;

	spec.protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	spec.payload = ICMP_BYTES + INNER_BYTES;
	spec.ttl = 64;
	spec.fragment = spec.option_bytes = 0;
	packet_build(&spec, too_big);
	at = too_big->bytes + network;
	if (v6) {
		memcpy(at, "\x60\0\0\0", 4);
	} else {
		at[1] = 0;
		memset(at + 4, 0, 4);
		checksum_set_ipv4(at);
	}
	at = too_big->bytes + packet_transport(&spec);
	at[0] = v6 ? 2 : 3;
	at[1] = v6 ? 0 : 4;
	memset(at + 4, 0, 2);
	put_be16(at + 6, mtu);
	memcpy(at + ICMP_BYTES, packet->bytes + network, INNER_BYTES);
	icmp_checksum_set(&spec, too_big);
}

static struct packet_spec large(unsigned int number, bool v6, unsigned int bytes)
{
	struct exchange exchange = env_exchange(&env, number, v6, IPPROTO_TCP, next_client++);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);

	spec.payload = bytes - 20 - (v6 ? 40 : 20);
	spec.fragment = v6 ? 0 : DONT_FRAGMENT;
	return spec;
}

static void is_too_big(const struct packet_spec *spec, __u16 mtu, const char *what)
{
	struct packet packet, wanted;
	struct verdict verdict;

	packet_build(spec, &packet);
	build_too_big(spec, &packet, mtu, &wanted);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_TX, LB_TOO_BIG, &wanted, "%s: the error reports an MTU of %u", what,
	       mtu);
}

static bool is_sent(const struct packet_spec *spec)
{
	struct packet packet;
	struct verdict verdict;

	packet_build(spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	return verdict.action == XDP_REDIRECT && verdict.increments.count[LB_FORWARDED] == 1;
}

static void add(unsigned int number, bool v6, const char *forward, const char *backend)
{
	char name[32], flags[64];

	snprintf(name, sizeof(name), "s%u-%u", number, v6 ? 6 : 4);
	snprintf(flags, sizeof(flags), "--forward %s", forward);
	env_add_service(&env, name, number, v6, IPPROTO_TCP, flags);
	instance_must_run(&env.instance, "backend add %s %s", name, backend);
}

/* Tunnel headers reduce the MTU of 1500. */
static void tunnels(void)
{
	static const struct {
		const char *forward;
		bool v6;
		const char *backend;
		__u16 mtu;
	} modes[] = {
		{"ipip", false, "10.2.0.11", 1480}, {"ipip", false, "fd02::b", 1460},
		{"ipip", true, "10.2.0.11", 1480},  {"ipip", true, "fd02::b", 1460},
		{"gue", false, "10.2.0.11", 1472},  {"gue", true, "fd02::b", 1452},
	};

	for (unsigned int i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct packet_spec spec;
		char what[64];

		snprintf(what, sizeof(what), "%s, IPv%u to %s", modes[i].forward,
			 modes[i].v6 ? 6 : 4, modes[i].backend);
		add(20 + i, modes[i].v6, modes[i].forward, modes[i].backend);
		spec = large(20 + i, modes[i].v6, modes[i].mtu);
		ok(is_sent(&spec), "%s: %u bytes are forwarded", what, modes[i].mtu);
		spec = large(20 + i, modes[i].v6, modes[i].mtu + 1);
		is_too_big(&spec, modes[i].mtu, what);
		spec = large(20 + i, modes[i].v6, 1500);
		spec.tags = 1;
		spec.tag_type[0] = ETH_P_8021Q;
		spec.tag[0] = 7;
		is_too_big(&spec, modes[i].mtu, "a packet with a VLAN tag");
	}
}

/* The kernel fragments a packet without DF after encapsulation. */
static void kernel_fragments(void)
{
	struct packet_spec spec = large(20, false, 1500), inner;
	struct packet packet, wanted;
	struct verdict verdict;
	struct outer outer;

	spec.fragment = 0;
	inner = spec;
	inner.ttl--;
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	ok(tunnel_read(&verdict.packet, ETH_HLEN, &outer), "a packet without DF is encapsulated");
	packet_build(&inner, &packet);
	outer.destination = endpoint("10.2.0.11", 0);
	tunnel_build(&packet, ETH_HLEN, &outer, &wanted);
	expect(&verdict, XDP_PASS, LB_TO_STACK, &wanted,
	       "an encapsulated packet passes to the stack");
}

/*
 * Every IPv6 path must take 1280 bytes, so the error reports no less. The kernel fragments the
 * outer IPv4 packet.
 */
static void narrow_path(const char *forward, unsigned int number, unsigned int added)
{
	struct packet_spec spec, inner;
	struct packet packet, wanted;
	struct verdict verdict;
	struct outer outer = {0};

	process_must_run("ip route replace 10.2.0.14/32 dev back mtu 1284", NULL);
	add(number, true, forward, "10.2.0.14");
	spec = large(number, true, 1284 - added);
	ok(is_sent(&spec), "%s: a packet of the MTU is forwarded", forward);
	spec = large(number, true, 1281);
	is_too_big(&spec, 1280, forward);
	for (unsigned int i = 0; i < 2; i++) {
		spec = large(number, true, 1280);
		inner = spec;
		inner.ttl--;
		packet_build(&spec, &packet);
		instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
		ok(tunnel_read(&verdict.packet, ETH_HLEN, &outer) && outer.may_fragment,
		   "1280 bytes are encapsulated without DF, id %u", outer.id);
		packet_build(&inner, &packet);
		tunnel_build(&packet, ETH_HLEN, &outer, &wanted);
		expect(&verdict, XDP_PASS, LB_TO_STACK, &wanted,
		       "the outer packet passes to the stack");
	}
}

static void translating_modes(void)
{
	struct packet_spec spec;

	process_must_run("ip route add 10.2.0.13/32 dev back mtu 1400", NULL);
	process_must_run("ip route add fd02::d/128 dev back mtu 1400", NULL);
	for (int v6 = 0; v6 < 2; v6++) {
		add(40, v6, "nat", v6 ? "fd02::d" : "10.2.0.13");
		spec = large(40, v6, 1400);
		ok(is_sent(&spec), "nat, IPv%u: 1400 bytes are forwarded", v6 ? 6 : 4);
		spec = large(40, v6, 1401);
		is_too_big(&spec, 1400, v6 ? "nat, IPv6" : "nat, IPv4");
	}
}

int main(void)
{
	env_open(&env, "--max-flows 65536");
	tunnels();
	kernel_fragments();
	narrow_path("ipip", 50, 20);
	narrow_path("gue", 51, 28);
	translating_modes();
	return tap_done();
}
