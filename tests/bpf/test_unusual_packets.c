// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unusual packets in every forwarding mode: each has its outcome, and no more is changed than the
 * mode requires.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "core/process.h"
#include "harness/expect.h"
#include "oracle/forward_cases.h"
#include "packets/bytes.h"
#include "packets/checksum.h"

static struct env env;
static __u32 next_client;

static struct packet_spec request(const struct forward_case *forward_case, __u8 protocol,
				  __u8 flags)
{
	struct exchange exchange =
		forward_case_exchange(&env, forward_case, protocol, next_client++);

	return exchange_request(&exchange, flags);
}

/* A change to a packet after it was built from its spec. */
typedef void mutate_fn(const struct packet_spec *spec, struct packet *packet);

static void unchanged(const struct packet_spec *spec, struct packet *packet)
{
	(void)spec, (void)packet;
}

static void set_length(const struct packet_spec *spec, struct packet *packet, __u16 bytes)
{
	unsigned char *ip = packet->bytes + packet_network(spec);

	if (endpoint_is_v6(&spec->source)) {
		put_be16(ip + 4, bytes);
		return;
	}
	put_be16(ip + 2, bytes);
	checksum_set_ipv4(ip);
}

static void too_short(const struct packet_spec *spec, struct packet *packet)
{
	set_length(spec, packet, 8);
}

static void too_long(const struct packet_spec *spec, struct packet *packet)
{
	set_length(spec, packet, 1400);
}

/* Padding, as in the shortest Ethernet frames. */
static void padded(const struct packet_spec *spec, struct packet *packet)
{
	(void)spec;
	memset(packet->bytes + packet->length, 0, 20);
	packet->length += 20;
}

static void is_forwarded(const struct forward_case *forward_case, const struct packet_spec *spec,
			 mutate_fn *mutation, bool has_inner_sum, const char *what)
{
	struct packet_spec sent = forward_case_expected(forward_case, *spec);
	struct packet packet, wanted;
	struct verdict verdict;

	packet_build(spec, &packet);
	packet_build(&sent, &wanted);
	mutation(spec, &packet);
	mutation(&sent, &wanted);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	forward_case_encapsulate(forward_case, &sent, has_inner_sum, &verdict.packet, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "%s: a packet (%s) is forwarded",
	       forward_case->name, what);
}

static void headers(const struct forward_case *forward_case, __u8 protocol)
{
	struct packet_spec spec = request(forward_case, protocol, TCP_SYN);

	is_forwarded(forward_case, &spec, unchanged, true, "plain");
	spec.payload = 0;
	is_forwarded(forward_case, &spec, unchanged, true, "no payload");
	spec = request(forward_case, protocol, TCP_SYN);
	for (spec.tags = 1; spec.tags <= 2; spec.tags++) {
		spec.tag_type[0] = spec.tags == 2 ? ETH_P_8021AD : ETH_P_8021Q;
		spec.tag_type[1] = ETH_P_8021Q;
		spec.tag[0] = 0x2064;
		spec.tag[1] = 7;
		is_forwarded(forward_case, &spec, unchanged, true,
			     spec.tags == 2 ? "two VLAN tags" : "one VLAN tag");
	}
	spec = request(forward_case, protocol, TCP_SYN);
	spec.ttl = 2;
	is_forwarded(forward_case, &spec, unchanged, true, "TTL 2");
	spec = request(forward_case, protocol, TCP_SYN);
	spec.payload = 0;
	is_forwarded(forward_case, &spec, padded, true, "padding");
	if (forward_case->v6)
		return;
	for (spec.option_bytes = 4; spec.option_bytes <= 40; spec.option_bytes += 12)
		is_forwarded(forward_case, &spec, unchanged, true, "options");
	spec = request(forward_case, protocol, TCP_SYN);
	spec.fragment = 0x4000;
	is_forwarded(forward_case, &spec, unchanged, true, "DF");
}

/* Only receivers detect a wrong IP length, so the datapath forwards all bytes. */
static void lengths(const struct forward_case *forward_case)
{
	struct packet_spec spec = request(forward_case, IPPROTO_TCP, TCP_SYN);

	if (!strcmp(forward_case->name, "gue6"))
		return; /* the outer checksum would cover missing bytes */
	is_forwarded(forward_case, &spec, too_short, false, "too short IP length");
	is_forwarded(forward_case, &spec, too_long, false, "too long IP length");
}

static void no_checksum(const struct forward_case *forward_case)
{
	struct packet_spec spec = request(forward_case, IPPROTO_UDP, 0);

	spec.no_checksum = true;
	is_forwarded(forward_case, &spec, unchanged, false, "UDP without checksum");
}

/* nat and tunnels route the packet and decrement its TTL. dsr does not. */
static void last_ttl(const struct forward_case *forward_case)
{
	struct packet_spec spec = request(forward_case, IPPROTO_UDP, 0);
	struct packet packet;
	struct verdict verdict;

	spec.ttl = 1;
	if (!forward_case_is_nat(forward_case) && !forward_case_is_tunnel(forward_case)) {
		is_forwarded(forward_case, &spec, unchanged, true, "TTL 1");
		return;
	}
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_DROP, LB_TTL_EXPIRED, &packet, "%s: a packet with TTL 1 is dropped",
	       forward_case->name);
}

/* TCP Fast Open: the SYN has data, and a retransmitted SYN has them again. */
static void data_in_the_syn(const struct forward_case *forward_case)
{
	struct packet_spec spec = request(forward_case, IPPROTO_TCP, TCP_SYN);
	struct exchange exchange = forward_case_exchange(&env, forward_case, IPPROTO_TCP, 0);
	char name[32];
	__u16 backend;
	__u64 before;

	snprintf(name, sizeof(name), "%s-tcp", forward_case->name);
	backend = instance_backend_id(&env.instance, instance_service_id(&env.instance, name),
				      &exchange.backend);
	before = instance_traffic(&env.instance, backend).new_flows;
	spec.payload = 1000;
	is_forwarded(forward_case, &spec, unchanged, true, "SYN with data");
	is_forwarded(forward_case, &spec, unchanged, true, "retransmitted SYN");
	spec.payload = 0;
	is_forwarded(forward_case, &spec, unchanged, true, "retransmitted SYN, no data");
	is_int(instance_traffic(&env.instance, backend).new_flows - before, 1,
	       "%s: the three SYNs are one flow", forward_case->name);
}

static void every_length(const struct forward_case *forward_case, __u8 protocol)
{
	struct packet_spec spec = request(forward_case, protocol, TCP_SYN);
	unsigned int shortest = packet_transport(&spec) + (protocol == IPPROTO_TCP ? 20 : 8);
	unsigned int wrong = 0;
	struct packet packet;
	struct verdict verdict;

	packet_build(&spec, &packet);
	for (packet.length = ETH_HLEN; packet.length < shortest; packet.length++) {
		instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
		wrong += verdict.action != XDP_PASS ||
			 verdict.increments.count[LB_MALFORMED] != 1 ||
			 !packet_same(&verdict.packet, &packet);
	}
	is_int(wrong, 0, "%s: every truncated %s packet is malformed", forward_case->name,
	       protocol == IPPROTO_TCP ? "TCP" : "UDP");
}

/* IPv4 header lengths below 20 bytes or beyond the packet's end. */
static void header_lengths(const struct forward_case *forward_case)
{
	struct packet_spec spec = request(forward_case, IPPROTO_UDP, 0);
	unsigned int wrong = 0;
	struct packet packet;
	struct verdict verdict;

	spec.payload = 0;
	for (unsigned int words = 0; words <= 15; words++) {
		if (words == 5)
			continue;
		packet_build(&spec, &packet);
		packet.bytes[packet_network(&spec)] = 0x40 | words;
		instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
		wrong += verdict.action != XDP_PASS ||
			 verdict.increments.count[LB_MALFORMED] != 1 ||
			 !packet_same(&verdict.packet, &packet);
	}
	is_int(wrong, 0, "%s: every wrong header length is malformed", forward_case->name);
}

/* Packets of more than one driver buffer. */
static void jumbo(const struct forward_case *forward_case)
{
	static const __u16 bytes[] = {3000, 4100, 8800};
	char what[32];

	for (unsigned int i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		struct packet_spec spec = request(forward_case, IPPROTO_TCP, TCP_SYN);

		spec.payload = bytes[i];
		snprintf(what, sizeof(what), "%u bytes", bytes[i]);
		is_forwarded(forward_case, &spec, unchanged, true, what);
	}
}

int main(void)
{
	testnet_open(&env.testnet);
	process_must_run("ip link set front mtu 9200", NULL);
	process_must_run("ip link set back mtu 9200", NULL);
	instance_open(&env.instance, "front back --max-flows 4096");
	forward_cases_open(&env);
	for (unsigned int i = 0; i < FORWARD_CASES; i++) {
		const struct forward_case *forward_case = &forward_cases[i];

		headers(forward_case, IPPROTO_TCP);
		headers(forward_case, IPPROTO_UDP);
		lengths(forward_case);
		no_checksum(forward_case);
		last_ttl(forward_case);
		data_in_the_syn(forward_case);
		every_length(forward_case, IPPROTO_TCP);
		every_length(forward_case, IPPROTO_UDP);
		if (!forward_case->v6)
			header_lengths(forward_case);
		jumbo(forward_case);
	}
	return tap_done();
}
