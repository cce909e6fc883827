// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "core/process.h"
#include "fixture.h"
#include "harness/flow_table_dump.h"

static const char *const settings[] = {
	[FIXTURE_WRR] = "--scheduler wrr",
	[FIXTURE_RR] = "--scheduler rr",
	[FIXTURE_RANDOM] = "--scheduler random",
	[FIXTURE_P2C] = "--scheduler p2c",
	[FIXTURE_LC] = "--scheduler lc",
	[FIXTURE_LRT] = "--scheduler lrt",
	[FIXTURE_MAGLEV] = "--scheduler maglev",
	[FIXTURE_OTHER_DEVICE] = "--scheduler wrr",
	[FIXTURE_IPIP] = "--scheduler wrr --forward ipip",
	[FIXTURE_IPIP_MAGLEV] = "--scheduler maglev --forward ipip",
	[FIXTURE_SAMPLED] = "--scheduler wrr --feedback observe",
};

static bool is_tunnel(enum fixture_service service)
{
	return service == FIXTURE_IPIP || service == FIXTURE_IPIP_MAGLEV;
}

/* The ports differ per service, except with tunnels, which keep the service's port. */
static unsigned int backend_port(enum fixture_service service)
{
	return is_tunnel(service) ? 80 : 8080 + service;
}

static void service_address(bool v6, enum fixture_service service, char text[64])
{
	snprintf(text, 64, v6 ? "2001:db8::%x" : "192.0.2.%u", service);
}

static void backend_address(bool v6, enum fixture_service service, unsigned int i, char text[64])
{
	snprintf(text, 64, v6 ? "fd0%u::%x" : "10.%u.0.%u", service == FIXTURE_OTHER_DEVICE ? 2 : 1,
		 TESTNET_BACKEND_FIRST + i);
}

static void add_service(const struct fixture *fixture, bool v6, enum fixture_service service)
{
	const char *form = v6 ? "[%s]:%u" : "%s:%u";
	char name[16], address[64], text[96];

	snprintf(name, sizeof(name), "s%u-%u", service, v6 ? 6 : 4);
	service_address(v6, service, address);
	snprintf(text, sizeof(text), form, address, 80);
	instance_must_run(&fixture->instance, "service add %s %s/tcp %s", name, text,
			  settings[service]);
	for (unsigned int i = 0; i < FIXTURE_BACKENDS; i++) {
		backend_address(v6, service, i, address);
		snprintf(text, sizeof(text), form, address, backend_port(service));
		instance_must_run(&fixture->instance, "backend add %s %s --weight %u", name, text,
				  4 - i);
	}
}

void fixture_open(struct fixture *fixture, unsigned int max_flows)
{
	char flags[64];

	fixture->max_flows = max_flows;
	testnet_open(&fixture->testnet);
	snprintf(flags, sizeof(flags), "front back --max-flows %u", max_flows);
	instance_open(&fixture->instance, flags);
	for (enum fixture_service i = FIXTURE_WRR; i < FIXTURE_NO_SERVICE; i++) {
		add_service(fixture, false, i);
		add_service(fixture, true, i);
	}
}

void fixture_keep_half_open(const struct fixture *fixture)
{
	for (enum fixture_service i = FIXTURE_WRR; i < FIXTURE_NO_SERVICE; i++)
		for (int version = 4; version <= 6; version += 2)
			instance_must_run(&fixture->instance, "service set s%u-%u --timeout-new 1h",
					  i, version);
}

struct exchange fixture_exchange(const struct fixture *fixture, bool v6,
				 enum fixture_service service)
{
	struct exchange exchange = {.testnet = &fixture->testnet,
				    .instance = &fixture->instance,
				    .protocol = IPPROTO_TCP,
				    .client = exchange_client(v6, 0)};
	char text[64];

	service_address(v6, service, text);
	exchange.service = endpoint(text, 80);
	backend_address(v6, service, 0, text);
	exchange.backend = endpoint(text, backend_port(service));
	return exchange;
}

struct replay *fixture_requests(const struct fixture *fixture, bool v6,
				enum fixture_service service, __u8 tcp_flags)
{
	struct exchange exchange = fixture_exchange(fixture, v6, service);
	struct packet_spec spec = exchange_request(&exchange, tcp_flags);

	return replay_open(fixture->instance.program, &spec,
			   is_tunnel(service) ? REPLAY_TUNNEL : REPLAY_REQUEST);
}

struct replay *fixture_replies(const struct fixture *fixture, bool v6, enum fixture_service service)
{
	struct exchange exchange = fixture_exchange(fixture, v6, service);
	struct packet_spec spec = exchange_reply(&exchange, TCP_ACK);

	return replay_open(fixture->instance.program, &spec, REPLAY_REPLY);
}

static void run(const struct fixture *fixture, const struct packet_spec *spec,
		enum replay_side side, const struct replay_clients *clients)
{
	struct replay *replay = replay_open(fixture->instance.program, spec, side);

	replay_set_clients(replay, clients);
	replay_run(replay, fixture->testnet.front, clients->count);
	replay_close(replay);
}

/*
 * Every backend sends a SYN-ACK to every client; the program translates those that belong to a
 * flow. With tunnels backends reply directly.
 */
void fixture_establish(const struct fixture *fixture, bool v6, enum fixture_service service,
		       const struct replay_clients *clients)
{
	enum replay_side side = is_tunnel(service) ? REPLAY_TUNNEL : REPLAY_REQUEST;
	struct exchange exchange = fixture_exchange(fixture, v6, service);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);

	testnet_enter(&fixture->testnet);
	run(fixture, &spec, side, clients);
	for (unsigned int i = 0; i < FIXTURE_BACKENDS && !is_tunnel(service); i++) {
		char text[64];

		backend_address(v6, service, i, text);
		exchange.backend = endpoint(text, backend_port(service));
		spec = exchange_reply(&exchange, TCP_SYN | TCP_ACK);
		run(fixture, &spec, REPLAY_REPLY, clients);
	}
	spec = exchange_request(&exchange, TCP_ACK);
	run(fixture, &spec, side, clients);
}

unsigned long fixture_fill(const struct fixture *fixture, enum fixture_service service)
{
	struct replay_clients clients = {.count = 1 << 17};
	struct flow_dump_count count = {0};

	for (unsigned int i = 0; i < 64; i++) {
		fixture_establish(fixture, false, service, &clients);
		clients.first += clients.count;
		count = flow_dump_count(&fixture->instance);
		if (count.state[LB_FLOW_ESTABLISHED] == count.capacity)
			break;
	}
	return count.state[LB_FLOW_ESTABLISHED];
}
