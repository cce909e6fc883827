// SPDX-License-Identifier: GPL-2.0-only
/*
 * Egress: a packet leaves on the interface of its next hop, passes to the stack if the next hop is
 * unresolved, or is dropped without a route.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/process.h"
#include "harness/expect.h"
#include "harness/test_env.h"

static struct env env;

/* Sends a request to a service with a backend on `net`, and compares the result. */
static void request_is(unsigned int service, bool v6, unsigned int net, unsigned int host,
		       __u32 action, enum lb_outcome outcome, const char *what)
{
	static __u32 client;
	struct exchange exchange = env_exchange(&env, service, v6, IPPROTO_TCP, client++);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN), rewritten;
	struct packet packet, wanted;
	struct verdict verdict;

	exchange.backend = env_backend_endpoint(v6, net, host);
	rewritten = exchange_request_expected(&exchange, spec);
	if (action == XDP_PASS) { /* the stack gets it with its MAC addresses unchanged */
		memcpy(rewritten.to, spec.to, sizeof(spec.to));
		memcpy(rewritten.from, spec.from, sizeof(spec.from));
	}
	packet_build(&spec, &packet);
	packet_build(&rewritten, &wanted);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, action, outcome, action == XDP_DROP ? &verdict.packet : &wanted, "%s",
	       what);
}

static void same_and_other_device(bool v6)
{
	unsigned int behind_front = v6 ? 3 : 1, behind_back = v6 ? 4 : 2;

	request_is(behind_front, v6, 1, 11, XDP_TX, LB_FORWARDED,
		   "a packet to the same interface is sent with TX");
	request_is(behind_back, v6, 2, 12, XDP_REDIRECT, LB_FORWARDED,
		   "a packet to another interface is redirected");
	request_is(behind_back, v6, 2, 12, XDP_REDIRECT, LB_FORWARDED,
		   "the cached next hop is used");
}

static void unresolved_neighbour(void)
{
	request_is(5, false, 2, TESTNET_UNRESOLVED, XDP_PASS, LB_TO_STACK,
		   "a packet without neighbour passes rewritten");
	process_must_run(
		"ip neighbour replace 10.2.0.99 lladdr 02:00:00:00:02:63 dev back nud permanent",
		NULL);
	request_is(5, false, 2, TESTNET_UNRESOLVED, XDP_REDIRECT, LB_FORWARDED,
		   "it is forwarded once the neighbour is resolved");
}

static void no_route(void)
{
	request_is(6, false, 3, 11, XDP_DROP, LB_NO_ROUTE,
		   "a packet to an unreachable route is dropped");
	process_must_run("ip route del unreachable 10.3.0.0/24", NULL);
	process_must_run("ip route add blackhole 10.3.0.0/24", NULL);
	request_is(6, false, 3, 11, XDP_DROP, LB_NO_ROUTE,
		   "a packet to a blackhole route is dropped");
}

/* An expired TTL or hop limit, in both directions. */
static void ttl_expired(bool v6)
{
	struct exchange exchange = env_exchange(&env, v6 ? 4 : 2, v6, IPPROTO_TCP, 500);
	struct packet_spec spec = exchange_request(&exchange, TCP_ACK);
	struct packet packet;
	struct verdict verdict;

	exchange_establish(&exchange);
	for (spec.ttl = 0; spec.ttl < 2; spec.ttl++) {
		packet_build(&spec, &packet);
		instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
		expect(&verdict, XDP_DROP, LB_TTL_EXPIRED, &packet,
		       "a request with %s %u is dropped", v6 ? "hop limit" : "TTL", spec.ttl);
	}
	spec = exchange_reply(&exchange, TCP_ACK);
	spec.ttl = 1;
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	expect(&verdict, XDP_DROP, LB_TTL_EXPIRED, &packet, "a reply with %s 1 is dropped",
	       v6 ? "hop limit" : "TTL");
}

static void gateway_is(const char *address)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "ip neighbour replace 10.1.0.%u lladdr %s dev front nud permanent",
		 TESTNET_GATEWAY, address);
	process_must_run(command, NULL);
}

static bool reply_goes_to(const struct exchange *exchange, const unsigned char address[6])
{
	struct verdict verdict;

	return exchange_send_reply(exchange, TCP_ACK, &verdict) &&
	       !memcmp(verdict.packet.bytes, address, 6);
}

/* The next hop to the client is cached for about a second. Then a change is followed. */
static void return_nexthop(void)
{
	static const unsigned char other[6] = {2, 0, 0, 0, 9, 9};
	struct exchange exchange = env_exchange(&env, 2, false, IPPROTO_TCP, 1U << 20);
	__u16 service = instance_service_id(&env.instance, "far");
	unsigned char gateway[6];
	bool is_followed = false;

	testnet_mac_address(1, TESTNET_GATEWAY, gateway);
	ok(!instance_has_client_nexthop(&env.instance, service, &exchange.client),
	   "no next hop to the client is cached");
	exchange_establish(&exchange);
	ok(reply_goes_to(&exchange, gateway), "a reply follows the kernel's route");
	ok(instance_has_client_nexthop(&env.instance, service, &exchange.client),
	   "its next hop is cached");
	ok(reply_goes_to(&exchange, gateway), "the next reply has the same next hop");
	gateway_is("02:00:00:00:09:09");
	for (int i = 0; i < 100 && !is_followed; i++) {
		usleep(100000);
		is_followed = reply_goes_to(&exchange, other);
	}
	ok(is_followed, "replies follow a change of the gateway");
	gateway_is("02:00:00:00:01:00");
}

static void no_backend(bool v6)
{
	struct exchange exchange = env_exchange(&env, v6 ? 8 : 7, v6, IPPROTO_TCP, 1);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
	struct packet packet;
	struct verdict verdict;

	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_BACKEND, &packet,
	       "%s: a request without backends is dropped", v6 ? "IPv6" : "IPv4");
}

int main(void)
{
	env_open(&env, "--max-flows 4096");
	process_must_run("ip route add unreachable 10.3.0.0/24", NULL);
	env_add_service(&env, "near", 1, false, IPPROTO_TCP, "");
	env_add_backend(&env, "near", false, 1, 11, "");
	env_add_service(&env, "far", 2, false, IPPROTO_TCP, "");
	env_add_backend(&env, "far", false, 2, 12, "");
	env_add_service(&env, "near6", 3, true, IPPROTO_TCP, "");
	env_add_backend(&env, "near6", true, 1, 11, "");
	env_add_service(&env, "far6", 4, true, IPPROTO_TCP, "");
	env_add_backend(&env, "far6", true, 2, 12, "");
	env_add_service(&env, "unresolved", 5, false, IPPROTO_TCP, "");
	env_add_backend(&env, "unresolved", false, 2, TESTNET_UNRESOLVED, "");
	env_add_service(&env, "unreachable", 6, false, IPPROTO_TCP, "");
	env_add_backend(&env, "unreachable", false, 3, 11, "");
	env_add_service(&env, "empty", 7, false, IPPROTO_TCP, "");
	env_add_service(&env, "empty6", 8, true, IPPROTO_TCP, "");
	for (int v6 = 0; v6 < 2; v6++) {
		same_and_other_device(v6);
		ttl_expired(v6);
		no_backend(v6);
	}
	return_nexthop();
	unresolved_neighbour();
	no_route();
	return tap_done();
}
