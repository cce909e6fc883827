// SPDX-License-Identifier: GPL-2.0-only
/*
 * A service on all ports of its VIP. The backend gets the requested port, and every byte is checked
 * in both directions. A service on one port of the same VIP has precedence.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "harness/expect.h"
#include "harness/test_env.h"

static struct env env;
static __u32 next_client = 1;

static struct exchange exchange_at(bool v6, __u8 protocol, __u16 port)
{
	struct exchange exchange = env_exchange(&env, 10, v6, protocol, next_client++);

	exchange.service.port = port;
	return exchange;
}

static void add_all(bool v6, __u8 protocol, const char *flags)
{
	const char *name = protocol == IPPROTO_TCP ? v6 ? "tcp6" : "tcp4" : v6 ? "udp6" : "udp4";

	instance_must_run(&env.instance, "service add %s %s/%s %s", name,
			  v6 ? "[2001:db8::a]:0" : "192.0.2.10:0",
			  protocol == IPPROTO_TCP ? "tcp" : "udp", flags);
	instance_must_run(&env.instance, "backend add %s %s", name, v6 ? "fd02::b" : "10.2.0.11");
	instance_must_run(&env.instance, "backend add %s %s", name, v6 ? "fd02::c" : "10.2.0.12");
}

static void both_directions(bool v6, __u8 protocol)
{
	static const __u16 ports[] = {1, 80, 443, 8080, 65535};

	for (unsigned int i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		struct exchange exchange = exchange_at(v6, protocol, ports[i]);
		struct packet_spec spec = exchange_request(&exchange, TCP_SYN), sent;
		struct packet packet, wanted;
		struct verdict verdict;

		exchange_send_request(&exchange, TCP_SYN, &verdict);
		sent = exchange_request_expected(&exchange, spec);
		packet_build(&sent, &wanted);
		expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted,
		       "a request to port %u is forwarded", ports[i]);
		is_int(exchange.backend.port, ports[i], "the destination port stays");
		spec = exchange_reply(&exchange, TCP_SYN | TCP_ACK);
		sent = exchange_reply_expected(&exchange, spec);
		packet_build(&spec, &packet);
		packet_build(&sent, &wanted);
		instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
		expect(&verdict, XDP_REDIRECT, LB_REPLIED, &wanted,
		       "a reply from port %u is translated", ports[i]);
	}
}

/* Connections from one client port to two ports of the service are two flows. */
static void two_ports_at_once(bool v6)
{
	struct exchange one = exchange_at(v6, IPPROTO_TCP, 1000), other = one;
	struct verdict verdict;
	struct endpoint first;

	other.service.port = 2000;
	ok(exchange_establish(&one), "a connection to port 1000 is established");
	first = one.backend;
	ok(exchange_establish(&other), "the same client port connects to port 2000");
	ok(exchange_send_request(&other, TCP_RST, &verdict), "a reset on port 2000 is forwarded");
	ok(exchange_send_request(&one, TCP_ACK, &verdict) && endpoint_same(&one.backend, &first) &&
		   exchange_send_reply(&one, TCP_ACK, &verdict),
	   "the connection to port 1000 stays");
}

static void one_port_first(void)
{
	struct exchange exchange;
	struct verdict verdict;

	instance_must_run(&env.instance, "service add special 192.0.2.10:25/tcp");
	instance_must_run(&env.instance, "backend add special 10.2.0.15:2525");
	exchange = exchange_at(false, IPPROTO_TCP, 25);
	ok(exchange_establish(&exchange) && exchange.backend.port == 2525,
	   "a service on one port has precedence");
	instance_must_run(&env.instance, "service del special --force");
	exchange = exchange_at(false, IPPROTO_TCP, 25);
	ok(exchange_send_request(&exchange, TCP_SYN, &verdict) && exchange.backend.port == 25,
	   "a deleted service leaves its port to the other");
}

/* A host that is a backend on all ports and, in another service, on one port. */
static void shared_with_one_port(bool v6)
{
	const char *backend = v6 ? "[fd02::b]:8080" : "10.2.0.11:8080";
	const char *name = v6 ? "one6" : "one4";
	struct exchange any, one;
	struct verdict verdict;

	env_add_service(&env, name, 20, v6, IPPROTO_TCP, "");
	instance_must_run(&env.instance, "backend add %s %s", name, backend);
	instance_must_run(&env.instance, "backend drain %s %s", v6 ? "tcp6" : "tcp4",
			  v6 ? "fd02::c" : "10.2.0.12");
	any = exchange_at(v6, IPPROTO_TCP, 8080);
	ok(exchange_establish(&any) && any.backend.port == 8080,
	   "a reply is translated for the flow of its client");
	ok(exchange_send_request(&any, TCP_ACK, &verdict) &&
		   exchange_send_reply(&any, TCP_ACK, &verdict),
	   "later packets of the flow are translated");
	one = env_exchange(&env, 20, v6, IPPROTO_TCP, 0);
	one.client = any.client;
	ok(exchange_send_request(&one, TCP_SYN, &verdict) &&
		   exchange_send_reply(&one, TCP_SYN | TCP_ACK, &verdict),
	   "a flow of the other service is translated for it");
	instance_must_run(&env.instance, "backend ready %s %s", v6 ? "tcp6" : "tcp4",
			  v6 ? "fd02::c" : "10.2.0.12");
}

static void refused(void)
{
	is_int(instance_run(&env.instance, "backend add tcp4 10.2.0.13:80"), 3,
	       "a backend with a port of its own is rejected");
	is_int(instance_run(&env.instance, "backend weight tcp4 10.2.0.11:0 3"), 0,
	       "port 0 names the backend on all ports");
}

int main(void)
{
	env_open(&env, "--max-flows 65536");
	for (int v6 = 0; v6 < 2; v6++) {
		add_all(v6, IPPROTO_TCP, "");
		add_all(v6, IPPROTO_UDP, "");
		both_directions(v6, IPPROTO_TCP);
		both_directions(v6, IPPROTO_UDP);
		two_ports_at_once(v6);
		shared_with_one_port(v6);
	}
	one_port_first();
	refused();
	return tap_done();
}
