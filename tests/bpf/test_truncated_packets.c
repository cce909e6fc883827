// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets that end in their headers, at every length, and headers that contradict each other:
 * counted as malformed, and passed to the stack unchanged.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/test_env.h"

static struct env env;
static unsigned int sent;

static void receive(const struct packet *packet, struct verdict *verdict)
{
	instance_receive(&env.instance, env.testnet.front, packet, verdict);
	sent++;
}

static unsigned int transport_header(const struct packet_spec *spec)
{
	return spec->protocol == IPPROTO_TCP ? 20 : 8;
}

/* BPF_PROG_TEST_RUN accepts no packet shorter than an Ethernet header. */
static void every_length(const struct packet_spec *spec, const char *what)
{
	unsigned int header_bytes = packet_transport(spec) + transport_header(spec), wrong = 0;
	struct packet packet;
	struct verdict verdict;

	packet_build(spec, &packet);
	for (packet.length = ETH_HLEN; packet.length < header_bytes; packet.length++) {
		receive(&packet, &verdict);
		if (verdict.action == XDP_PASS && verdict.increments.count[LB_MALFORMED] == 1 &&
		    packet_same(&verdict.packet, &packet))
			continue;
		diag("%s of %u bytes: action %u", what, packet.length, verdict.action);
		wrong++;
	}
	is_int(wrong, 0, "%s: every truncated packet is malformed", what);
}

static void every_length_of_all(void)
{
	static const __u8 protocols[] = {IPPROTO_TCP, IPPROTO_UDP};

	for (unsigned int i = 0; i < 8; i++) {
		bool v6 = i & 1, tagged = i & 4;
		struct exchange exchange = env_exchange(&env, 10, v6, protocols[i >> 1 & 1], i);
		struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
		char what[64];

		spec.tags = tagged ? 2 : 0;
		spec.tag_type[0] = ETH_P_8021AD;
		spec.tag_type[1] = ETH_P_8021Q;
		spec.option_bytes = tagged && !v6 ? 8 : 0;
		snprintf(what, sizeof(what), "%s %s%s", v6 ? "IPv6" : "IPv4", i & 2 ? "UDP" : "TCP",
			 tagged ? ", two VLAN tags" : "");
		every_length(&spec, what);
	}
}

/* One byte of the network or transport header is wrong. */
static void wrong_byte(bool v6, bool in_transport, unsigned int offset, __u8 value,
		       const char *what)
{
	struct exchange exchange = env_exchange(&env, 10, v6, IPPROTO_TCP, 99);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
	struct packet packet;
	struct verdict verdict;

	packet_build(&spec, &packet);
	offset += in_transport ? packet_transport(&spec) : packet_network(&spec);
	packet.bytes[offset] = value;
	receive(&packet, &verdict);
	expect(&verdict, XDP_PASS, LB_MALFORMED, &packet, "%s is malformed", what);
}

static void outcomes_sum_to_packets(const struct lb_outcomes *before)
{
	struct lb_outcomes after = instance_outcomes(&env.instance);
	unsigned long sum = 0;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
		sum += after.count[i] - before->count[i];
	is_int(sum, sent, "each packet is counted once");
	is_int(after.count[LB_ABORTED], 0, "no packet is aborted");
}

/* A packet with complete headers and nothing else is balanced. */
static void headers_alone_suffice(void)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 1234);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN), rewritten;
	struct packet packet, wanted;
	struct verdict verdict;

	spec.payload = 0;
	exchange.backend = env_backend_endpoint(false, 2, 11);
	rewritten = exchange_request_expected(&exchange, spec);
	packet_build(&spec, &packet);
	packet_build(&rewritten, &wanted);
	receive(&packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted,
	       "a packet of headers only is forwarded");
}

int main(void)
{
	struct lb_outcomes before;

	env_open(&env, "--max-flows 4096");
	env_add_service(&env, "tcp4", 10, false, IPPROTO_TCP, "");
	env_add_service(&env, "udp4", 10, false, IPPROTO_UDP, "");
	env_add_service(&env, "tcp6", 10, true, IPPROTO_TCP, "");
	env_add_service(&env, "udp6", 10, true, IPPROTO_UDP, "");
	env_add_backend(&env, "tcp4", false, 2, 11, "");
	before = instance_outcomes(&env.instance);
	every_length_of_all();
	wrong_byte(false, false, 0, 0x65, "an IPv4 packet with version 6");
	wrong_byte(false, false, 0, 0x44, "an IPv4 header of 16 bytes");
	wrong_byte(false, false, 0, 0x4f, "an IPv4 header longer than the packet");
	wrong_byte(true, false, 0, 0x41, "an IPv6 packet with version 4");
	wrong_byte(false, true, 12, 0x40, "a TCP header of 16 bytes");
	outcomes_sum_to_packets(&before);
	headers_alone_suffice();
	return tap_done();
}
