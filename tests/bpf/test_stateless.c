// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stateless services: with maglev or source and direct server return, no flow is tracked as long as
 * slots keep their owners. When owners change (transition), connections stay with the backend they
 * began on.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/flow_table_dump.h"
#include "harness/pins.h"
#include "harness/test_env.h"
#include "packets/tunnel_builder.h"

#define FLOWS	 400
#define BACKENDS 4
#define APART	 32771 /* distance of client numbers with different addresses and ports */

static struct env env;
static struct lb_service *services;
static __u32 client = 1;

/* A service under test, and its connections. */
struct test_service {
	const char *name;
	unsigned int number;
	bool v6;
	__u16 id;
	struct exchange exchange[FLOWS];
};

static struct endpoint backend_at(bool v6, unsigned int i)
{
	struct endpoint backend = env_backend_endpoint(v6, 2, TESTNET_BACKEND_FIRST + i);

	backend.port = 80;
	return backend;
}

static void open_service(struct test_service *test_service, const char *flags)
{
	test_service->id = env_add_service(&env, test_service->name, test_service->number,
					   test_service->v6, IPPROTO_TCP, flags);
	for (unsigned int i = 0; i < BACKENDS; i++) {
		struct endpoint backend = backend_at(test_service->v6, i);

		instance_must_run(&env.instance, "backend add %s %s", test_service->name,
				  endpoint_text(&backend));
	}
}

/*
 * Sends a packet. Returns the number of the backend (by the outer destination, if encapsulated), or
 * -1.
 */
static int backend_of(const struct exchange *exchange, __u8 flags)
{
	bool v6 = endpoint_is_v6(&exchange->client);
	struct packet_spec spec = exchange_request(exchange, flags);
	struct endpoint source, destination;
	struct verdict verdict;
	struct packet packet;
	struct outer outer;

	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	if (verdict.increments.count[LB_FORWARDED] != 1)
		return -1;
	if (tunnel_read(&verdict.packet, ETH_HLEN, &outer))
		destination = outer.destination;
	else if (!packet_read(&verdict.packet, &source, &destination))
		return -1;
	for (unsigned int i = 0; i < BACKENDS; i++) {
		struct endpoint backend = backend_at(v6, i);

		if (!memcmp(&backend.address, &destination.address, sizeof(backend.address)))
			return i;
	}
	return -1;
}

static bool is_tunnelled(const struct exchange *exchange)
{
	struct packet_spec spec = exchange_request(exchange, TCP_ACK);
	struct verdict verdict;
	struct packet packet;
	struct outer outer;

	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	return tunnel_read(&verdict.packet, ETH_HLEN, &outer);
}

static void begin(struct test_service *test_service, int at[FLOWS])
{
	for (unsigned int i = 0; i < FLOWS; i++) {
		test_service->exchange[i] = env_exchange(&env, test_service->number,
							 test_service->v6, IPPROTO_TCP, client);
		client += APART;
		at[i] = backend_of(&test_service->exchange[i], TCP_SYN);
	}
}

static unsigned int count_moved(const struct test_service *test_service, const int at[FLOWS])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < FLOWS; i++)
		count += at[i] < 0 || backend_of(&test_service->exchange[i], TCP_ACK) != at[i];
	return count;
}

static unsigned int count_at(const int at[FLOWS], int backend)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < FLOWS; i++)
		count += at[i] == backend;
	return count;
}

static unsigned int count_tracked(void)
{
	return flow_dump_count(&env.instance).total;
}

/* Simulates time: ends the transition in which the previous owner is looked up. */
static void end_transition(const struct test_service *test_service)
{
	services[test_service->id].transition_until[0] =
		services[test_service->id].transition_until[1] = 0;
}

static void stateless_selection(struct test_service *test_service)
{
	int at[FLOWS];
	unsigned int before = count_tracked();
	__u64 counted;

	begin(test_service, at);
	ok(!count_at(at, -1) && count_at(at, 0) > FLOWS / 8 && count_at(at, 3) > FLOWS / 8,
	   "%s: flows are spread", test_service->name);
	counted = instance_outcomes(&env.instance).count[LB_FORWARDED];
	is_int(count_moved(test_service, at), 0, "each flow finds the same backend again");
	is_int(count_tracked() - before, 0, "no flow is tracked");
	is_int(instance_outcomes(&env.instance).count[LB_FORWARDED] - counted, FLOWS,
	       "all packets are counted");
}

/* A drained backend keeps its connections. New ones go to other backends. */
static void drained_backend(struct test_service *test_service)
{
	static int at[FLOWS], new[FLOWS], again[FLOWS];
	static struct test_service before_change;
	struct endpoint first = backend_at(test_service->v6, 0);
	unsigned int before;

	begin(test_service, at);
	before_change = *test_service;
	before = count_tracked();
	instance_must_run(&env.instance, "backend drain %s %s", test_service->name,
			  endpoint_text(&first));
	begin(test_service, new);
	is_int(count_at(new, 0), 0, "%s: a drained backend gets no new connection",
	       test_service->name);
	is_int(count_at(new, -1), 0, "other backends get the new connections");
	is_int(count_moved(test_service, new), 0, "new connections stay");
	is_int(count_moved(&before_change, at), 0, "the drained backend keeps its connections");
	is_int(count_moved(&before_change, at), 0, "its connections stay with further packets");
	ok(count_tracked() > before && count_tracked() - before < 2 * FLOWS,
	   "only flows of changed slots are tracked (%u of %u)", count_tracked() - before,
	   2 * FLOWS);
	instance_must_run(&env.instance, "backend weight %s %s 3", test_service->name,
			  (first = backend_at(test_service->v6, 1), endpoint_text(&first)));
	begin(test_service, again);
	is_int(count_moved(test_service, again), 0,
	       "the newest connections stay in a second change");
	is_int(count_moved(&before_change, at), 0, "the oldest connections stay");
	for (unsigned int i = 0; i < FLOWS; i++)
		test_service->exchange[i] = before_change.exchange[i];
	first = backend_at(test_service->v6, 0);
	instance_must_run(&env.instance, "backend ready %s %s", test_service->name,
			  endpoint_text(&first));
	is_int(count_moved(&before_change, at), 0,
	       "connections stay if the backend is ready again");
	end_transition(test_service);
	before = count_tracked();
	begin(test_service, new);
	is_int(count_moved(test_service, new), 0,
	       "after the transition, owners have the connections");
	is_int(count_tracked(), before, "after the transition, no more flows are tracked");
	instance_must_run(&env.instance, "backend weight %s %s 1", test_service->name,
			  (first = backend_at(test_service->v6, 1), endpoint_text(&first)));
	end_transition(test_service);
}

/* Only connections that are not with their slot's owner extend the transition. */
static void transition_is_extended(struct test_service *test_service)
{
	static int at[FLOWS], new[FLOWS];
	static struct test_service before_change;
	struct endpoint first = backend_at(test_service->v6, 0);
	__u32 *until, shortened;

	begin(test_service, at);
	before_change = *test_service;
	instance_must_run(&env.instance, "backend drain %s %s", test_service->name,
			  endpoint_text(&first));
	until = &services[test_service->id].transition_until[services[test_service->id].slots & 1];
	shortened = *until - 1000;
	count_moved(&before_change, at);
	begin(test_service, new);
	*until = shortened;
	count_moved(test_service, new);
	is_int(*until, shortened, "%s: connections with owners do not extend it",
	       test_service->name);
	for (unsigned int i = 0; i < FLOWS; i++)
		backend_of(&before_change.exchange[i], TCP_FIN | TCP_ACK);
	ok((__s32)(*until - shortened) > 900, "connections with previous owners extend it");
	instance_must_run(&env.instance, "backend ready %s %s", test_service->name,
			  endpoint_text(&first));
	end_transition(test_service);
}

/* Changes of the scheduler and the forwarding mode, and back. */
static void settings_change(struct test_service *test_service, const char *scheduler)
{
	static int at[4][FLOWS];
	static struct test_service test_services[4];
	unsigned int tunnels = 0;

	begin(test_service, at[0]), test_services[0] = *test_service;
	instance_must_run(&env.instance, "service set %s --scheduler wrr", test_service->name);
	is_int(count_moved(&test_services[0], at[0]), 0,
	       "%s: connections stay after a change to wrr", test_service->name);
	begin(test_service, at[1]), test_services[1] = *test_service;
	instance_must_run(&env.instance, "service set %s --scheduler %s", test_service->name,
			  scheduler);
	begin(test_service, at[2]), test_services[2] = *test_service;
	is_int(count_moved(&test_services[0], at[0]) + count_moved(&test_services[1], at[1]) +
		       count_moved(&test_services[2], at[2]),
	       0, "connections stay after a change back");
	instance_must_run(&env.instance, "service set %s --forward nat", test_service->name);
	begin(test_service, at[3]), test_services[3] = *test_service;
	is_int(count_moved(&test_services[2], at[2]) + count_moved(&test_services[3], at[3]), 0,
	       "connections stay after a change to nat");
	for (unsigned int i = 0; i < FLOWS; i++)
		tunnels += is_tunnelled(&test_services[2].exchange[i]) +
			   2 * is_tunnelled(&test_services[3].exchange[i]);
	is_int(tunnels, FLOWS, "connections keep their forwarding mode");
	instance_must_run(&env.instance, "service set %s --forward ipip", test_service->name);
	is_int(count_moved(&test_services[0], at[0]) + count_moved(&test_services[3], at[3]), 0,
	       "connections stay after a change back to ipip");
	end_transition(test_service);
}

/* A backend in maintenance has no connections. With --reset they are reset. */
static void maintenance(struct test_service *test_service)
{
	static int at[FLOWS];
	struct endpoint first = backend_at(test_service->v6, 0);
	unsigned int with_first = 0, with_other = 0, resets = 0;
	struct lb_outcomes before;

	begin(test_service, at);
	instance_must_run(&env.instance, "backend maint %s %s", test_service->name,
			  endpoint_text(&first));
	for (unsigned int i = 0; i < FLOWS; i++) {
		int now = backend_of(&test_service->exchange[i], TCP_ACK);

		with_first += now == 0;
		with_other += now > 0;
	}
	is_int(with_first, 0, "%s: a backend in maintenance has no connection", test_service->name);
	is_int(with_other, FLOWS, "other backends get its connections");
	instance_must_run(&env.instance, "backend ready %s %s", test_service->name,
			  endpoint_text(&first));
	end_transition(test_service);
	begin(test_service, at);
	instance_must_run(&env.instance, "backend maint %s %s --reset", test_service->name,
			  endpoint_text(&first));
	before = instance_outcomes(&env.instance);
	resets = count_moved(test_service, at);
	is_int(resets, count_at(at, 0), "with --reset, its connections are reset");
	is_int(instance_outcomes(&env.instance).count[LB_RESET] - before.count[LB_RESET], resets,
	       "every reset is counted");
	instance_must_run(&env.instance, "backend ready %s %s", test_service->name,
			  endpoint_text(&first));
	end_transition(test_service);
}

/* Flows are tracked if the service needs counts or translation. */
static void not_stateless(void)
{
	struct test_service test_service = {.name = "limited", .number = 40};
	unsigned int before = count_tracked();
	int at[FLOWS];

	open_service(&test_service, "--scheduler maglev --forward ipip --load-factor 1.5");
	begin(&test_service, at);
	is_int(count_tracked() - before, FLOWS, "with a load factor, flows are tracked");
	test_service = (struct test_service){.name = "translated", .number = 41};
	before = count_tracked();
	open_service(&test_service, "--scheduler maglev");
	begin(&test_service, at);
	is_int(count_tracked() - before, FLOWS, "in nat mode, flows are tracked");
}

int main(void)
{
	static struct test_service test_services[] = {{.name = "m4", .number = 30},
						      {.name = "m6", .number = 31, .v6 = true},
						      {.name = "s4", .number = 32}};

	env_open(&env, "--max-flows 262144");
	services = pins_mmap_writable(env.instance.full_name, "services");
	for (unsigned int i = 0; i < sizeof(test_services) / sizeof(test_services[0]); i++) {
		const char *scheduler = test_services[i].name[0] == 'm' ? "maglev" : "source";
		char flags[64];

		snprintf(flags, sizeof(flags), "--scheduler %s --forward ipip", scheduler);
		open_service(&test_services[i], flags);
		stateless_selection(&test_services[i]);
		drained_backend(&test_services[i]);
		transition_is_extended(&test_services[i]);
		settings_change(&test_services[i], scheduler);
		maintenance(&test_services[i]);
	}
	not_stateless();
	return tap_done();
}
