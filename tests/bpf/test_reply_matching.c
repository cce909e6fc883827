// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replies: which packets of a backend belong to tracked flows and get the address of the service.
 */
#include <linux/bpf.h>

#include "harness/expect.h"
#include "harness/test_env.h"

static struct env env;

static void passes(const struct packet_spec *spec, enum lb_outcome outcome, const char *what)
{
	struct packet packet;
	struct verdict verdict;

	packet_build(spec, &packet);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, outcome, &packet, "%s", what);
}

static void untracked_replies_pass(bool v6)
{
	struct exchange exchange = env_exchange(&env, 10, v6, IPPROTO_TCP, 1000);
	struct packet_spec spec;

	exchange.backend = env_backend_endpoint(v6, 2, 11);
	spec = exchange_reply(&exchange, TCP_ACK);
	passes(&spec, LB_REPLY_UNKNOWN, "a reply to a direct connection passes");
}

static void other_ports_pass(bool v6)
{
	struct exchange exchange = env_exchange(&env, 10, v6, IPPROTO_TCP, 1);
	struct verdict verdict;
	struct packet_spec spec;

	ok(exchange_send_request(&exchange, TCP_SYN, &verdict), "a request is forwarded");
	spec = exchange_reply(&exchange, TCP_ACK);
	spec.source.port++;
	passes(&spec, LB_PASSED, "a packet from another port of the backend passes");
	spec = exchange_reply(&exchange, TCP_ACK);
	spec.destination.port++;
	passes(&spec, LB_REPLY_UNKNOWN, "a packet to another port of the client passes");
}

static void other_backend_passes(void)
{
	struct exchange exchange = env_exchange(&env, 11, false, IPPROTO_TCP, 2);
	struct verdict verdict;
	struct packet_spec spec;

	ok(exchange_send_request(&exchange, TCP_SYN, &verdict),
	   "a request is forwarded to one of two backends");
	exchange.backend = env_backend_endpoint(false, 2, exchange_host(&exchange) == 12 ? 13 : 12);
	spec = exchange_reply(&exchange, TCP_ACK);
	passes(&spec, LB_REPLY_UNKNOWN, "a packet of the other backend passes");
}

/* One backend of two services, and one client port that uses both. */
static void shared_backend_replies(bool v6)
{
	struct exchange first = env_exchange(&env, 20, v6, IPPROTO_TCP, 3);
	struct exchange second = env_exchange(&env, 21, v6, IPPROTO_TCP, 4);
	struct verdict verdict;

	ok(exchange_send_request(&first, TCP_SYN, &verdict) &&
		   exchange_send_request(&second, TCP_SYN, &verdict) &&
		   endpoint_same(&first.backend, &second.backend),
	   "two services share a backend");
	ok(exchange_send_reply(&first, TCP_SYN | TCP_ACK, &verdict),
	   "a reply is translated for the first service");
	ok(exchange_send_reply(&second, TCP_SYN | TCP_ACK, &verdict),
	   "a reply is translated for the second service");
}

/* TCP and UDP services on the same addresses and ports are independent. */
static void protocols_are_separate(void)
{
	struct exchange udp = env_exchange(&env, 10, false, IPPROTO_UDP, 5);
	struct packet_spec spec;
	struct verdict verdict;

	ok(exchange_send_request(&udp, 0, &verdict), "a UDP request is forwarded");
	udp.protocol = IPPROTO_TCP;
	spec = exchange_reply(&udp, TCP_ACK);
	passes(&spec, LB_REPLY_UNKNOWN, "a TCP packet is no reply to a UDP request");
	udp.protocol = IPPROTO_UDP;
	ok(exchange_send_reply(&udp, 0, &verdict), "a UDP reply is translated");
}

/* Connections that a backend begins are not replies. */
static void backend_connections_pass(void)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 6);
	struct packet_spec spec;

	exchange.backend = env_backend_endpoint(false, 2, 11);
	exchange.backend.port = 45678;
	spec = exchange_reply(&exchange, TCP_SYN);
	passes(&spec, LB_PASSED, "a connection from a backend passes");
}

static void add_services(bool v6)
{
	const char *names[] = {v6 ? "web6" : "web", v6 ? "one6" : "one", v6 ? "two6" : "two"};

	env_add_service(&env, names[0], 10, v6, IPPROTO_TCP, "");
	env_add_backend(&env, names[0], v6, 2, 11, "");
	env_add_service(&env, names[1], 20, v6, IPPROTO_TCP, "");
	env_add_backend(&env, names[1], v6, 2, 14, "");
	env_add_service(&env, names[2], 21, v6, IPPROTO_TCP, "");
	env_add_backend(&env, names[2], v6, 2, 14, "");
}

int main(void)
{
	env_open(&env, "--max-flows 4096");
	add_services(false);
	add_services(true);
	env_add_service(&env, "pair", 11, false, IPPROTO_TCP, "");
	env_add_backend(&env, "pair", false, 2, 12, "");
	env_add_backend(&env, "pair", false, 2, 13, "");
	env_add_service(&env, "dns", 10, false, IPPROTO_UDP, "");
	env_add_backend(&env, "dns", false, 2, 11, "");
	for (int v6 = 0; v6 < 2; v6++) {
		untracked_replies_pass(v6);
		other_ports_pass(v6);
		shared_backend_replies(v6);
	}
	other_backend_passes();
	protocols_are_separate();
	backend_connections_pass();
	return tap_done();
}
