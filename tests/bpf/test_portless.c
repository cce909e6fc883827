// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets without ports in every forwarding mode: ICMP errors and later fragments reach the backend
 * of their flow, and only translation changes them.
 */
#include <linux/bpf.h>
#include <string.h>

#include "core/process.h"
#include "harness/expect.h"
#include "oracle/forward_cases.h"
#include "packets/fragmenter.h"
#include "packets/icmp_builder.h"

static struct env env;

/* `inner_packet` is built from forward_case_expected(). */
static void is_forwarded(const struct forward_case *forward_case, const struct packet *packet,
			 const struct packet_spec *sent, const struct packet *inner_packet,
			 enum lb_outcome outcome, const char *what)
{
	struct packet wanted = *inner_packet;
	struct verdict verdict;

	instance_receive(&env.instance, env.testnet.front, packet, &verdict);
	forward_case_encapsulate(forward_case, sent, false, &verdict.packet, &wanted);
	expect(&verdict, XDP_REDIRECT, outcome, &wanted, "%s: %s is forwarded", forward_case->name,
	       what);
}

static void fragments(const struct forward_case *forward_case)
{
	struct exchange exchange = forward_case_exchange(&env, forward_case, IPPROTO_UDP, 7);
	struct packet_spec spec = exchange_request(&exchange, 0), sent;

	spec.payload = 150;
	sent = forward_case_expected(forward_case, spec);
	for (unsigned int i = 0; i < 3; i++) {
		struct ip_fragment ip_fragment = {.id = 0x4321, .from = 64 * i, .bytes = 64};
		struct packet packet, inner_packet;

		ip_fragment_build(&spec, &ip_fragment, &packet);
		ip_fragment_build(&sent, &ip_fragment, &inner_packet);
		is_forwarded(forward_case, &packet, &sent, &inner_packet, LB_FORWARDED,
			     i ? "a later fragment" : "a first fragment");
	}
}

static void icmp_error_is_forwarded(const struct forward_case *forward_case)
{
	struct exchange exchange = forward_case_exchange(&env, forward_case, IPPROTO_UDP, 8);
	struct icmp_error icmp_error = {
		.type = forward_case->v6 ? 2 : 3, .code = forward_case->v6 ? 0 : 4, .rest = 1300};
	struct packet_spec request = exchange_request(&exchange, 0);
	struct packet packet, inner_packet;
	struct verdict verdict;

	packet_build(&request, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	icmp_error.outer = request;
	icmp_error.outer.source = endpoint(forward_case->v6 ? "2001:db8:77::9" : "203.0.113.9", 0);
	icmp_error.inner = request;
	icmp_error.inner.source = request.destination;
	icmp_error.inner.destination = request.source;
	icmp_error_build(&icmp_error, &packet);
	icmp_error.outer = forward_case_expected(forward_case, icmp_error.outer);
	if (forward_case_is_nat(forward_case))
		icmp_error.inner.source = exchange.backend;
	icmp_error_build(&icmp_error, &inner_packet);
	is_forwarded(forward_case, &packet, &icmp_error.outer, &inner_packet, LB_ICMP_ERROR_RELAYED,
		     "an ICMP error about its flow");
}

/* An ICMP error that exceeds the tunnel MTU causes no other ICMP error. */
static void large_icmp_error(const struct forward_case *forward_case)
{
	struct exchange exchange = forward_case_exchange(&env, forward_case, IPPROTO_UDP, 9);
	struct icmp_error icmp_error = {.type = forward_case->v6 ? 2 : 3,
					.code = forward_case->v6 ? 0 : 4};
	struct packet packet, wanted;
	struct verdict verdict;

	icmp_error.outer = exchange_request(&exchange, 0);
	packet_build(&icmp_error.outer, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	icmp_error.inner = icmp_error.outer;
	icmp_error.inner.source = exchange.service;
	icmp_error.inner.destination = exchange.client;
	icmp_error.inner.payload = forward_case->v6 ? 1180 : 1220;
	icmp_error.outer.fragment = 0x4000;
	icmp_error_build(&icmp_error, &packet);
	icmp_error.outer.ttl--; /* the stack gets it with its MAC addresses unchanged */
	icmp_error_build(&icmp_error, &wanted);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	forward_case_encapsulate(forward_case, &icmp_error.outer, false, &verdict.packet, &wanted);
	expect(&verdict, XDP_PASS, LB_TO_STACK, &wanted,
	       "%s: a large ICMP error passes to the stack", forward_case->name);
}

int main(void)
{
	testnet_open(&env.testnet);
	process_must_run("ip link set back mtu 1290", NULL);
	instance_open(&env.instance, "front back --max-flows 4096");
	forward_cases_open(&env);
	for (unsigned int i = 0; i < FORWARD_CASES; i++) {
		fragments(&forward_cases[i]);
		icmp_error_is_forwarded(&forward_cases[i]);
		if (forward_case_is_tunnel(&forward_cases[i]))
			large_icmp_error(&forward_cases[i]);
	}
	return tap_done();
}
