// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets that match no service and no backend pass unchanged, and are counted by reason.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/test_env.h"
#include "packets/bytes.h"

static struct env env;

static void passes_untouched(const struct packet *packet, enum lb_outcome outcome, const char *what)
{
	struct verdict verdict;

	instance_receive(&env.instance, env.testnet.front, packet, &verdict);
	expect(&verdict, XDP_PASS, outcome, packet, "%s passes unchanged", what);
}

static void other_ethertypes_pass(void)
{
	static const struct {
		__u16 type;
		const char *what;
	} types[] = {{ETH_P_ARP, "ARP"}, {ETH_P_MPLS_UC, "MPLS"}, {46, "an 802.3 length"}};
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 1);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
	struct packet packet;

	for (unsigned int i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		packet_build(&spec, &packet);
		put_be16(packet.bytes + 2 * ETH_ALEN, types[i].type);
		passes_untouched(&packet, LB_NOT_IP, types[i].what);
	}
}

static void other_endpoints_pass(bool v6, __u8 protocol, const char *what)
{
	struct exchange exchange = env_exchange(&env, 10, v6, protocol, 1);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
	struct packet packet;

	spec.destination.port = 81;
	packet_build(&spec, &packet);
	passes_untouched(&packet, LB_PASSED, what);

	spec = exchange_request(&exchange, TCP_SYN);
	spec.destination.address.s6_addr[15]++;
	packet_build(&spec, &packet);
	passes_untouched(&packet, LB_PASSED, what);
}

/*
 * IPv6 packets with IPv4-mapped addresses, the form in which tables hold IPv4 addresses: a VIP as
 * the destination, a backend as the source.
 */
static void mapped_addresses_pass(void)
{
	struct exchange exchange = env_exchange(&env, 10, true, IPPROTO_TCP, 1);
	struct exchange ipv4 = env_exchange(&env, 10, false, IPPROTO_TCP, 1);
	struct endpoint backend = env_backend_endpoint(false, 2, 11);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
	struct packet packet;

	packet_build(&spec, &packet);
	memcpy(packet.bytes + packet_network(&spec) + 24, &ipv4.service.address, 16);
	passes_untouched(&packet, LB_PASSED, "IPv6 to the mapped address of an IPv4 VIP");

	spec.destination = exchange.client;
	spec.source.port = backend.port;
	packet_build(&spec, &packet);
	memcpy(packet.bytes + packet_network(&spec) + 8, &backend.address, 16);
	passes_untouched(&packet, LB_PASSED, "IPv6 from the mapped address of an IPv4 backend");
}

/* A UDP packet to the port of a TCP service. */
static void other_protocol_passes(bool v6)
{
	struct exchange exchange = env_exchange(&env, 10, v6, IPPROTO_UDP, 1);
	struct packet_spec spec = exchange_request(&exchange, 0);
	struct packet packet;

	packet_build(&spec, &packet);
	passes_untouched(&packet, LB_PASSED,
			 v6 ? "IPv6 UDP to a TCP service's port"
			    : "IPv4 UDP to a TCP service's port");
}

static void other_transports_pass(void)
{
	static const struct {
		bool v6;
		__u8 protocol;
		const char *what;
	} transports[] = {{false, IPPROTO_ICMP, "ICMP to a VIP"},
			  {true, IPPROTO_ICMPV6, "ICMPv6 to a VIP"},
			  {false, IPPROTO_SCTP, "SCTP to a VIP"},
			  {true, IPPROTO_SCTP, "SCTP over IPv6 to a VIP"},
			  {false, IPPROTO_ESP, "ESP to a VIP"},
			  {true, IPPROTO_AH, "AH over IPv6 to a VIP"},
			  {true, IPPROTO_NONE, "an IPv6 header without payload protocol"}};

	for (unsigned int i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		struct exchange exchange =
			env_exchange(&env, 10, transports[i].v6, transports[i].protocol, 1);
		struct packet_spec spec = exchange_request(&exchange, 0);
		struct packet packet;

		spec.payload = 64;
		packet_build(&spec, &packet);
		passes_untouched(&packet, LB_NOT_TCP_UDP, transports[i].what);
	}
}

/* DF alone does not make a packet a fragment. */
static void unfragmented_is_balanced(void)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 2);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN), sent;
	struct packet packet, wanted;
	struct verdict verdict;

	spec.fragment = 0x4000;
	exchange.backend = env_backend_endpoint(false, 2, 11);
	sent = exchange_request_expected(&exchange, spec);
	packet_build(&spec, &packet);
	packet_build(&sent, &wanted);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "a packet with DF is forwarded");
}

int main(void)
{
	env_open(&env, "--max-flows 4096");
	env_add_service(&env, "web", 10, false, IPPROTO_TCP, "");
	env_add_backend(&env, "web", false, 2, 11, "");
	env_add_service(&env, "web6", 10, true, IPPROTO_TCP, "");
	env_add_backend(&env, "web6", true, 2, 11, "");
	other_ethertypes_pass();
	other_endpoints_pass(false, IPPROTO_TCP, "IPv4 TCP to another address or port");
	other_endpoints_pass(false, IPPROTO_UDP, "IPv4 UDP to another address or port");
	other_endpoints_pass(true, IPPROTO_TCP, "IPv6 TCP to another address or port");
	other_endpoints_pass(true, IPPROTO_UDP, "IPv6 UDP to another address or port");
	other_protocol_passes(false);
	other_protocol_passes(true);
	mapped_addresses_pass();
	other_transports_pass();
	unfragmented_is_balanced();
	return tap_done();
}
