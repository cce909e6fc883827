// SPDX-License-Identifier: GPL-2.0-only
/*
 * SNAT (full NAT), byte by byte: the backend sees an address and port of the SNAT pool, unique per
 * flow, and its replies are translated back to the client. Live connections keep their ports. If no
 * port is free, new flows are refused and counted.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/test_env.h"

#define SOURCE4 "10.2.0.1"
#define SOURCE6 "fd02::1"

static struct env env;
static __u32 next_client = 1;

static struct endpoint source_address(bool v6)
{
	return endpoint(v6 ? SOURCE6 : SOURCE4, 0);
}

/*
 * Sends a request. Stores the source and destination that the backend sees. Returns false if it was
 * not forwarded.
 */
static bool send_request(const struct packet_spec *spec, struct endpoint *snat_source,
			 struct endpoint *backend)
{
	struct packet packet;
	struct verdict verdict;

	packet_build(spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	return verdict.action == XDP_REDIRECT && verdict.increments.count[LB_FORWARDED] == 1 &&
	       packet_read(&verdict.packet, snat_source, backend);
}

static bool is_snat_source(const struct endpoint *snat_source)
{
	struct endpoint address = source_address(endpoint_is_v6(snat_source));

	return !memcmp(&address.address, &snat_source->address, sizeof(address.address)) &&
	       snat_source->port >= LB_SNAT_PORT_FIRST;
}

/* The packet of a backend to the SNAT endpoint of its client. */
static struct packet_spec backend_reply(const struct exchange *exchange,
					const struct endpoint *snat_source, __u8 flags)
{
	struct packet_spec spec = exchange_reply(exchange, flags);

	spec.destination = *snat_source;
	return spec;
}

static void both_directions(struct exchange *exchange, struct packet_spec spec, const char *what)
{
	struct packet_spec sent = spec, reply;
	struct packet packet, wanted;
	struct endpoint snat_source = {0};
	struct verdict verdict;

	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	packet_read(&verdict.packet, &snat_source, &exchange->backend);
	sent = exchange_request_expected(exchange, spec);
	sent.source = snat_source;
	packet_build(&sent, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "a request (%s) is translated", what);
	ok(is_snat_source(&snat_source), "its source is an SNAT endpoint, %s",
	   endpoint_text(&snat_source));

	reply = spec;
	reply.flags = TCP_SYN | TCP_ACK;
	memcpy(reply.to, sent.from, sizeof(reply.to));
	memcpy(reply.from, sent.to, sizeof(reply.from));
	reply.source = exchange->backend;
	reply.destination = snat_source;
	packet_build(&reply, &packet);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	sent = exchange_reply_expected(exchange, reply);
	sent.destination = exchange->client;
	packet_build(&sent, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_REPLIED, &wanted, "a reply (%s) is translated", what);
}

static void every_kind(unsigned int number, bool v6, __u8 protocol)
{
	for (unsigned int i = 0; i < 6; i++) {
		struct exchange exchange = env_exchange(&env, number, v6, protocol, next_client++);
		struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
		char what[64];

		spec.payload = i == 1 ? 0 : i == 2 ? 1001 : 19;
		spec.tags = i == 3 || i == 4 ? i - 2 : 0;
		spec.tag_type[0] = spec.tags == 2 ? ETH_P_8021AD : ETH_P_8021Q;
		spec.tag_type[1] = ETH_P_8021Q;
		spec.option_bytes = i == 5 && !v6 ? 8 : 0;
		spec.no_checksum = i == 5 && protocol == IPPROTO_UDP;
		snprintf(what, sizeof(what), "IPv%u %s, kind %u", v6 ? 6 : 4,
			 protocol == IPPROTO_TCP ? "TCP" : "UDP", i);
		both_directions(&exchange, spec, what);
	}
}

static void add_service(const char *name, unsigned int number, bool v6, __u8 protocol)
{
	env_add_service(&env, name, number, v6, protocol,
			"--forward snat --source " SOURCE4 "/32," SOURCE6 "/128");
	env_add_backend(&env, name, v6, 2, 11, "");
}

/* Only replies of the flow's backend are translated. */
static void other_backends(void)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, next_client++);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
	struct endpoint snat_source = {0}, elsewhere;
	struct packet packet;
	struct verdict verdict;

	ok(send_request(&spec, &snat_source, &exchange.backend), "a connection begins");
	spec = backend_reply(&exchange, &snat_source, TCP_SYN | TCP_ACK);
	spec.source.port++;
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_REPLY_UNKNOWN, &packet, "a reply from another port passes");
	spec.source.port--;
	spec.source.address.s6_addr[15]++;
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_REPLY_UNKNOWN, &packet, "a reply from another host passes");
	elsewhere = snat_source;
	elsewhere.port = 22;
	spec = backend_reply(&exchange, &elsewhere, TCP_ACK);
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_REPLY_UNKNOWN, &packet,
	       "a reply to a port below the SNAT ports passes");
	exchange = env_exchange(&env, 10, false, IPPROTO_TCP, next_client++);
	spec = exchange_request(&exchange, TCP_ACK);
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_TRANSLATION, &packet,
	       "an ACK without an SNAT mapping is dropped");
}

/* With a service on all ports, only replies from the requested port are translated. */
static void other_ports(void)
{
	struct exchange exchange = env_exchange(&env, 40, false, IPPROTO_UDP, next_client++);
	struct packet_spec spec, sent;
	struct endpoint snat_source = {0};
	struct packet packet, wanted;
	struct verdict verdict;

	instance_must_run(&env.instance, "service add any 192.0.2.40:0/udp --forward snat "
					 "--source " SOURCE4 "/32," SOURCE6 "/128");
	instance_must_run(&env.instance, "backend add any 10.2.0.12");
	exchange.service.port = 1234;
	spec = exchange_request(&exchange, 0);
	ok(send_request(&spec, &snat_source, &exchange.backend) && exchange.backend.port == 1234,
	   "a request to port 1234 is forwarded");
	spec = backend_reply(&exchange, &snat_source, 0);
	sent = exchange_reply_expected(&exchange, spec);
	sent.destination = exchange.client;
	packet_build(&spec, &packet);
	packet_build(&sent, &wanted);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_REPLIED, &wanted, "its reply is translated");
	spec.source.port++;
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_REPLY_UNKNOWN, &packet, "a reply from port 1235 passes");
}

struct connection {
	struct exchange exchange;
	struct endpoint snat_source;
	bool is_alive;
};

static bool establish(struct connection *connection)
{
	struct packet_spec spec = exchange_request(&connection->exchange, TCP_SYN);
	struct packet packet;
	struct verdict verdict;

	if (!send_request(&spec, &connection->snat_source, &connection->exchange.backend))
		return false;
	spec = backend_reply(&connection->exchange, &connection->snat_source, TCP_SYN | TCP_ACK);
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	if (verdict.increments.count[LB_REPLIED] != 1)
		return false;
	spec = exchange_request(&connection->exchange, TCP_ACK);
	return send_request(&spec, &connection->snat_source, &connection->exchange.backend);
}

/* More connections than ports: live connections keep their ports. */
static void port_exhaustion(void)
{
	enum {
		COUNT = 70000
	};
	struct connection *connections = calloc(COUNT, sizeof(*connections));
	static unsigned char given[LB_SNAT_PORTS];
	unsigned int alive_count = 0, twice = 0, moved = 0;
	struct lb_outcomes before = instance_outcomes(&env.instance), after;

	for (unsigned int i = 0; i < COUNT; i++) {
		struct connection *one = &connections[i];

		one->exchange = env_exchange(&env, 20, false, IPPROTO_TCP, next_client++);
		one->is_alive = establish(one);
		alive_count += one->is_alive;
		if (one->is_alive)
			twice += given[one->snat_source.port]++;
	}
	after = instance_outcomes(&env.instance);
	for (unsigned int i = 0; i < COUNT; i++) {
		struct packet_spec spec = exchange_request(&connections[i].exchange, TCP_ACK);
		struct endpoint snat_source = {0}, backend;

		if (connections[i].is_alive)
			moved += !send_request(&spec, &snat_source, &backend) ||
				 !endpoint_same(&snat_source, &connections[i].snat_source);
	}
	ok(alive_count > LB_SNAT_PORTS * 9 / 10, "%u of 64512 ports are used", alive_count);
	is_int(twice, 0, "no port is used by two flows");
	is_int(moved, 0, "every connection keeps its port");
	ok(after.count[LB_NO_PORT] - before.count[LB_NO_PORT] == COUNT - alive_count,
	   "the other %u are refused and counted", COUNT - alive_count);
	free(connections);
}

static void changes_live(void)
{
	struct connection first = {.exchange = env_exchange(&env, 30, false, IPPROTO_TCP, 1)};
	struct exchange second;
	struct packet_spec spec;
	struct endpoint snat_source, backend;

	env_add_service(&env, "live", 30, false, IPPROTO_TCP, "--source " SOURCE4 "/32");
	env_add_backend(&env, "live", false, 2, 11, "");
	second = env_exchange(&env, 30, false, IPPROTO_TCP, next_client++);
	ok(exchange_establish(&second), "a connection in nat mode is established");
	instance_must_run(&env.instance, "service set live --forward snat");
	first.exchange = env_exchange(&env, 30, false, IPPROTO_TCP, next_client++);
	ok(establish(&first) && is_snat_source(&first.snat_source),
	   "after a change, a new one uses snat mode");
	spec = exchange_request(&second, TCP_ACK);
	ok(send_request(&spec, &snat_source, &backend) &&
		   endpoint_same(&snat_source, &second.client),
	   "the first connection stays in nat mode");
	instance_must_run(&env.instance, "service set live --forward nat");
	spec = exchange_request(&first.exchange, TCP_ACK);
	ok(send_request(&spec, &snat_source, &backend) &&
		   endpoint_same(&snat_source, &first.snat_source),
	   "the other stays in snat mode after a change back");
	second = env_exchange(&env, 30, false, IPPROTO_TCP, next_client++);
	ok(exchange_establish(&second), "new connections are in nat mode again");
	is_int(instance_run(&env.instance, "service set live --source 10.2.0.77/32"), 5,
	       "removing a --source with active flows is refused");
	instance_must_run(&env.instance, "service set live --source 10.2.0.77/32 --force");
}

int main(void)
{
	env_open(&env, "--max-flows 65536 --max-sources 4");
	add_service("tcp", 10, false, IPPROTO_TCP);
	add_service("tcp6", 10, true, IPPROTO_TCP);
	add_service("udp", 11, false, IPPROTO_UDP);
	add_service("udp6", 11, true, IPPROTO_UDP);
	every_kind(10, false, IPPROTO_TCP);
	every_kind(10, true, IPPROTO_TCP);
	every_kind(11, false, IPPROTO_UDP);
	every_kind(11, true, IPPROTO_UDP);
	other_backends();
	other_ports();
	changes_live();
	add_service("full", 20, false, IPPROTO_TCP);
	port_exhaustion();
	return tap_done();
}
