// SPDX-License-Identifier: GPL-2.0-only
/*
 * Echo requests to a VIP are answered, byte by byte. Other ICMP, and echo requests to other
 * addresses, pass unchanged.
 */
#include <linux/bpf.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/test_env.h"
#include "packets/icmp_builder.h"

#define ECHO	    8
#define ECHO_REPLY  0
#define ECHO6	    128
#define ECHO6_REPLY 129

static struct env env;

/* Sets the type, code and checksum of an ICMP message; its other bytes stay. */
static void finish(const struct packet_spec *spec, __u8 type, __u8 code, struct packet *packet)
{
	unsigned char *message = packet->bytes + packet_transport(spec);

	if (spec->payload < 4)
		return;
	message[0] = type;
	message[1] = code;
	icmp_checksum_set(spec, packet);
}

/* Builds an ICMP message of spec->payload bytes, filled by packet_build(). */
static void build(const struct packet_spec *spec, __u8 type, __u8 code, struct packet *packet)
{
	packet_build(spec, packet);
	finish(spec, type, code, packet);
}

static void build_zeros(const struct packet_spec *spec, __u8 type, struct packet *packet)
{
	packet_build(spec, packet);
	memset(packet->bytes + packet_transport(spec), 0, spec->payload);
	finish(spec, type, 0, packet);
}

static struct packet_spec request(bool v6)
{
	struct exchange exchange =
		env_exchange(&env, 10, v6, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, 1);
	struct packet_spec spec = exchange_request(&exchange, 0);

	spec.payload = 64;
	return spec;
}

static struct packet_spec reply_to(const struct packet_spec *spec)
{
	struct packet_spec reply = packet_spec_reverse(spec);

	reply.ttl = 64;
	return reply;
}

static void echo_is_answered(const struct packet_spec *spec, const char *what)
{
	bool v6 = endpoint_is_v6(&spec->source);
	struct packet_spec reply = reply_to(spec);
	struct packet packet, wanted;
	struct verdict verdict;

	build(spec, v6 ? ECHO6 : ECHO, 0, &packet);
	build(&reply, v6 ? ECHO6_REPLY : ECHO_REPLY, 0, &wanted);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_TX, LB_ECHO_ANSWERED, &wanted, "an %s echo request (%s) is answered",
	       v6 ? "IPv6" : "IPv4", what);
}

static void passes(const struct packet_spec *spec, __u8 type, __u8 code, enum lb_outcome outcome,
		   const char *what)
{
	struct packet packet;
	struct verdict verdict;

	build(spec, type, code, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_PASS, outcome, &packet, "%s ICMP (%s) passes unchanged",
	       endpoint_is_v6(&spec->source) ? "IPv6" : "IPv4", what);
}

static void pings_are_answered(bool v6)
{
	struct packet_spec spec = request(v6);

	echo_is_answered(&spec, "64 bytes");
	spec.payload = 8;
	echo_is_answered(&spec, "header only");
	spec.payload = 1001;
	echo_is_answered(&spec, "an odd number of bytes");
	spec = request(v6);
	spec.ttl = 1;
	echo_is_answered(&spec, "TTL 1");
	spec.ttl = 255;
	echo_is_answered(&spec, "TTL 255");
	spec = request(v6);
	for (spec.tags = 1; spec.tags <= 2; spec.tags++) {
		spec.tag_type[0] = spec.tags == 2 ? 0x88a8 : 0x8100;
		spec.tag_type[1] = 0x8100;
		spec.tag[0] = 7;
		spec.tag[1] = 8;
		echo_is_answered(&spec, spec.tags == 1 ? "one VLAN tag" : "two VLAN tags");
	}
}

/* The reply consists of zeros after its header, and its checksum still is not zero. */
static void zeros_are_answered(bool v6)
{
	struct packet_spec spec = request(v6), reply = reply_to(&spec);
	struct packet packet, wanted;
	struct verdict verdict;

	build_zeros(&spec, v6 ? ECHO6 : ECHO, &packet);
	build_zeros(&reply, v6 ? ECHO6_REPLY : ECHO_REPLY, &wanted);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_TX, LB_ECHO_ANSWERED, &wanted,
	       "an %s echo request of zeros is answered", v6 ? "IPv6" : "IPv4");
}

static void others_pass(bool v6)
{
	struct packet_spec spec = request(v6);
	__u8 echo = v6 ? ECHO6 : ECHO;

	passes(&spec, v6 ? ECHO6_REPLY : ECHO_REPLY, 0, LB_NOT_TCP_UDP, "an echo reply");
	passes(&spec, v6 ? 135 : 13, 0, LB_NOT_TCP_UDP,
	       v6 ? "a neighbour solicitation" : "a timestamp request");
	passes(&spec, echo, 1, LB_NOT_TCP_UDP, "an echo request with a code");
	passes(&spec, v6 ? ECHO : ECHO6, 0, LB_NOT_TCP_UDP, "the type of the other IP version");
	spec.payload = 7;
	passes(&spec, echo, 0, LB_NOT_TCP_UDP, "truncated");
	spec = request(v6);
	spec.destination.address.s6_addr[15]++;
	passes(&spec, echo, 0, LB_PASSED, "to another address");
	spec = request(v6);
	spec.protocol = v6 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	passes(&spec, echo, 0, LB_NOT_TCP_UDP, "the protocol of the other IP version");
}

static void fragments_pass(void)
{
	struct packet_spec spec = request(false);

	spec.fragment = 0x2000;
	passes(&spec, ECHO, 0, LB_FRAGMENT, "a first fragment");
}

static void options_are_skipped(void)
{
	struct packet_spec spec = request(false);

	spec.option_bytes = 12;
	echo_is_answered(&spec, "with options");
}

/* An address is a VIP as long as a service has it. */
static void services_added_and_removed(void)
{
	struct packet_spec spec = request(false);

	instance_must_run(&env.instance, "service add more 192.0.2.10:81/tcp");
	echo_is_answered(&spec, "to a VIP of two services");
	instance_must_run(&env.instance, "service del web --force");
	echo_is_answered(&spec, "to a VIP after one service is deleted");
	instance_must_run(&env.instance, "service del more --force");
	passes(&spec, ECHO, 0, LB_PASSED, "to a VIP after all services are deleted");
}

int main(void)
{
	env_open(&env, "--max-flows 4096");
	env_add_service(&env, "web", 10, false, IPPROTO_TCP, "");
	env_add_service(&env, "web6", 10, true, IPPROTO_UDP, "");
	for (int v6 = 0; v6 < 2; v6++) {
		pings_are_answered(v6);
		zeros_are_answered(v6);
		others_pass(v6);
	}
	fragments_pass();
	options_are_skipped();
	services_added_and_removed();
	return tap_done();
}
