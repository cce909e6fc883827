// SPDX-License-Identifier: GPL-2.0-only
/*
 * `lbctl explain` runs a test packet through a private copy of the attached program. Its prediction
 * is compared with what then happens to such a packet, for every scheduler and forwarding mode. No
 * byte of a pinned map changes.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/explain_check.h"
#include "harness/test_env.h"

#define BACKENDS 3

static struct env env;

/* A service, and what `explain` can predict of its flows. */
struct explain_case {
	const char *name;
	unsigned int number;
	bool v6;
	__u8 protocol;
	const char *forward;
	const char *flags;
	bool is_random; /* the selected backend cannot be predicted */
};

static const struct explain_case explain_cases[] = {
	{"wrr", 10, false, IPPROTO_TCP, "nat", "", false},
	{"rr6", 11, true, IPPROTO_UDP, "nat", "--scheduler rr", false},
	{"lc", 12, false, IPPROTO_UDP, "nat", "--scheduler lc", false},
	{"random", 13, false, IPPROTO_TCP, "nat", "--scheduler random", true},
	{"p2c", 14, false, IPPROTO_TCP, "nat", "--scheduler p2c", true},
	{"lrt6", 15, true, IPPROTO_TCP, "nat", "--scheduler lrt", true},
	{"snat", 16, false, IPPROTO_TCP, "snat", "--source 10.2.0.1/32 --scheduler maglev", false},
	{"snat6", 17, true, IPPROTO_UDP, "snat", "--source fd02::1/128", false},
	{"dsr", 18, false, IPPROTO_TCP, "dsr", "--scheduler source", false},
	{"ipip", 19, false, IPPROTO_TCP, "ipip", "", false},
	{"gue6", 20, true, IPPROTO_TCP, "gue", "--scheduler maglev", false},
	{"affinity", 21, false, IPPROTO_TCP, "nat", "--persist source", false},
	{"per-packet", 22, false, IPPROTO_UDP, "nat", "--persist none", false},
};

static struct exchange exchange_of(const struct explain_case *explain_case, __u32 client)
{
	return env_exchange(&env, explain_case->number, explain_case->v6, explain_case->protocol,
			    client);
}

static int explain_exchange(const struct exchange *exchange, const char *what, bool begins)
{
	char client[64];

	snprintf(client, sizeof(client), "%s", endpoint_text(&exchange->client));
	return explain_check_run(&env.instance, what, "--src %s --dst %s/%s %s --interface front",
				 client, endpoint_text(&exchange->service),
				 exchange->protocol == IPPROTO_TCP ? "tcp" : "udp",
				 begins && exchange->protocol == IPPROTO_TCP ? "--syn" : "");
}

/* A backend. Only nat and snat translate ports. */
static struct endpoint backend_of(const struct explain_case *explain_case, unsigned int number)
{
	struct endpoint endpoint =
		env_backend_endpoint(explain_case->v6, 2, TESTNET_BACKEND_FIRST + number);

	if (!strstr(explain_case->forward, "nat"))
		endpoint.port = 80;
	return endpoint;
}

/* Packet counters of a backend, with new flows. */
static struct lb_traffic traffic_of(const struct explain_case *explain_case, unsigned int number)
{
	struct endpoint endpoint = backend_of(explain_case, number);
	__u16 service = instance_service_id(&env.instance, explain_case->name);

	return instance_traffic(&env.instance,
				instance_backend_id(&env.instance, service, &endpoint));
}

/* Sends the packet that was explained, and compares the result with the prediction. */
static void check_prediction(const struct explain_case *explain_case,
			     const struct exchange *exchange, __u8 flags)
{
	struct lb_traffic before[BACKENDS];
	struct packet_spec spec = exchange_request(exchange, flags);
	struct packet packet;
	struct verdict verdict;
	bool was_predicted = false, is_new = false;
	char mac[18], *bytes = (char *)verdict.packet.bytes;

	for (unsigned int i = 0; i < BACKENDS; i++)
		before[i] = traffic_of(explain_case, i);
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	for (unsigned int i = 0; i < BACKENDS; i++) {
		struct lb_traffic after = traffic_of(explain_case, i);
		struct endpoint endpoint = backend_of(explain_case, i);

		if (after.packets == before[i].packets)
			continue;
		was_predicted = explain_output_has(endpoint_text(&endpoint));
		is_new = after.new_flows > before[i].new_flows;
	}
	ok(verdict.action == XDP_REDIRECT && explain_field_is("verdict", "\"redirect\"") &&
		   verdict.increments.count[LB_FORWARDED] == 1 &&
		   explain_field_is("outcome", "\"forwarded\""),
	   "%s: a packet is forwarded as predicted", explain_case->name);
	ok(is_new == explain_field_is("flow", "\"new\""),
	   "%s: the flow is new or known as predicted", explain_case->name);
	snprintf(mac, sizeof(mac), "%02hhx:%02hhx:%02hhx:%02hhx:%02hhx:%02hhx", bytes[0], bytes[1],
		 bytes[2], bytes[3], bytes[4], bytes[5]);
	if (!explain_case->is_random || !is_new)
		ok(was_predicted && explain_output_has(mac),
		   "%s: the backend is the predicted one, %s", explain_case->name, mac);
}

static void add_service(const struct explain_case *explain_case)
{
	char flags[160];

	snprintf(flags, sizeof(flags), "--timeout-new 1h --forward %s %s", explain_case->forward,
		 explain_case->flags);
	env_add_service(&env, explain_case->name, explain_case->number, explain_case->v6,
			explain_case->protocol, flags);
	for (unsigned int i = 0; i < BACKENDS; i++) {
		struct endpoint endpoint = backend_of(explain_case, i);

		instance_must_run(&env.instance, "backend add %s %s %s", explain_case->name,
				  endpoint_text(&endpoint), i ? "" : "--weight 2");
	}
}

/* True if the service tracks flows: one-way services with a hash scheduler do not. */
static bool is_tracked(const struct explain_case *explain_case)
{
	bool hashes = strstr(explain_case->flags, "maglev") ||
		      strstr(explain_case->flags, "scheduler source");

	return strcmp(explain_case->name, "per-packet") &&
	       (!hashes || strstr(explain_case->forward, "nat") ||
		explain_case->protocol != IPPROTO_TCP);
}

/* Explains and sends the client's next packet. */
static void check_next_packet(const struct explain_case *explain_case,
			      const struct exchange *exchange)
{
	is_int(explain_exchange(exchange, "the next packet", false), 0,
	       "the next packet is predicted to arrive");
	explain_check_text("forward", explain_case->forward);
	explain_check_text("flow", is_tracked(explain_case) ? "known" : "none");
	check_prediction(explain_case, exchange, TCP_ACK);
}

static void run_case(const struct explain_case *explain_case)
{
	bool is_untracked = !strcmp(explain_case->name, "per-packet");
	struct exchange exchange = exchange_of(explain_case, 7), same_client = exchange;

	add_service(explain_case);
	is_int(explain_exchange(&exchange, explain_case->name, true), 0,
	       "the first packet is predicted to arrive");
	explain_check_text("service", explain_case->name);
	explain_check_text("forward", explain_case->forward);
	explain_check_text("flow", is_untracked ? "none" : "new");
	check_prediction(explain_case, &exchange, TCP_SYN);
	if (explain_case == explain_cases || is_untracked || strcmp(explain_case->forward, "nat"))
		check_next_packet(explain_case, &exchange);
	if (strcmp(explain_case->name, "affinity"))
		return;
	same_client.client.port++;
	explain_exchange(&same_client, "a new flow of the client", true);
	explain_check_output("the client keeps its backend");
	check_prediction(explain_case, &same_client, TCP_SYN);
}

int main(void)
{
	env_open(&env, "--max-flows 4096 --max-services 40 --max-backends 100");
	for (size_t i = 0; i < sizeof(explain_cases) / sizeof(explain_cases[0]); i++)
		run_case(&explain_cases[i]);
	return tap_done();
}
