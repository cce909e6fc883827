// SPDX-License-Identifier: GPL-2.0-only
/*
 * --persist none: each packet of a client is balanced on its own, no flow is tracked, and replies
 * are still translated.
 */
#include <linux/bpf.h>

#include "harness/expect.h"
#include "harness/flow_table_dump.h"
#include "harness/test_env.h"

static struct env env;

static void add(const char *name, unsigned int number, bool v6, const char *flags)
{
	static const char *const weights[] = {"--weight 5", "--weight 3", "--weight 1"};

	env_add_service(&env, name, number, v6, IPPROTO_UDP, flags);
	for (unsigned int i = 0; i < 3; i++)
		env_add_backend(&env, name, v6, 2, 11 + i, weights[i]);
}

/* The packets of one socket, and a reply, byte by byte. */
static void balances_packets(unsigned int number, bool v6)
{
	struct exchange exchange = env_exchange(&env, number, v6, IPPROTO_UDP, 1);
	unsigned int tally[3] = {0}, matching = 0;
	struct packet_spec spec;
	struct packet packet;
	struct verdict verdict;

	for (unsigned int i = 0; i < 900; i++) {
		if (!exchange_send_request(&exchange, 0, &verdict) ||
		    verdict.increments.count[LB_FORWARDED] != 1)
			continue;
		tally[exchange_host(&exchange) - 11]++;
		spec = exchange_request_expected(&exchange, exchange_request(&exchange, 0));
		packet_build(&spec, &packet);
		matching += packet_same(&verdict.packet, &packet);
	}
	is_int(matching, 900, "IPv%u: each packet of a client is forwarded", v6 ? 6 : 4);
	ok(tally[0] == 500 && tally[1] == 300 && tally[2] == 100,
	   "900 packets are balanced as 500/300/100");
	is_int(flow_dump_count(&env.instance).total, 0, "no flow is tracked");
	exchange_send_reply(&exchange, 0, &verdict);
	spec = exchange_reply_expected(&exchange, exchange_reply(&exchange, 0));
	packet_build(&spec, &packet);
	expect(&verdict, XDP_REDIRECT, LB_REPLIED, &packet, "a reply is translated");
	exchange_send_reply(&exchange, 0, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_REPLIED, &packet,
	       "the next reply uses the cached next hop");
}

static void replies_need_no_flow(void)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_UDP, 4711);
	struct verdict verdict;
	struct packet_spec spec;
	struct packet packet;

	exchange.backend = env_backend_endpoint(false, 2, 12);
	ok(exchange_send_reply(&exchange, 0, &verdict), "a reply is translated without a flow");
	spec = exchange_reply(&exchange, 0);
	spec.source.port++;
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_PASSED, &packet, "a packet from another port passes");
}

/* A backend of two services: a tracked flow has precedence. */
static void shared_backend(void)
{
	struct exchange tracked = env_exchange(&env, 12, false, IPPROTO_UDP, 7);
	struct exchange untracked = env_exchange(&env, 10, false, IPPROTO_UDP, 8);
	struct verdict verdict;

	env_add_service(&env, "flows", 12, false, IPPROTO_UDP, "");
	env_add_backend(&env, "flows", false, 2, 11, "");
	ok(exchange_send_request(&tracked, 0, &verdict),
	   "a request to the sharing service is forwarded");
	ok(exchange_send_reply(&tracked, 0, &verdict), "its reply is translated for that service");
	untracked.backend = tracked.backend;
	ok(exchange_send_reply(&untracked, 0, &verdict),
	   "other replies belong to the service without flows");
	instance_must_run(&env.instance, "service del flows --force");
}

static void changes_live(void)
{
	struct exchange exchange = env_exchange(&env, 13, false, IPPROTO_UDP, 9);
	struct verdict verdict;
	struct endpoint first;
	struct lb_flow flow;
	unsigned int stayed = 0;
	__u16 id;

	instance_must_run(&env.instance, "service del dns4 --force"); /* it has the same backends */
	add("live", 13, false, "--scheduler rr");
	id = instance_service_id(&env.instance, "live");
	exchange_send_request(&exchange, 0, &verdict);
	ok(exchange_flow(&exchange, id, &flow), "a flow is tracked with --persist flow");
	instance_must_run(&env.instance, "service set live --persist none");
	is_int(exchange_flow(&exchange, id, &flow), 0, "the change to --persist none deletes it");
	first = exchange.backend;
	for (int i = 0; i < 9; i++)
		stayed += exchange_send_request(&exchange, 0, &verdict) &&
			  endpoint_same(&first, &exchange.backend);
	is_int(stayed, 3, "its packets are balanced round robin");
	instance_must_run(&env.instance, "service set live --persist flow");
	exchange_send_request(&exchange, 0, &verdict);
	first = exchange.backend;
	for (int i = stayed = 0; i < 9; i++)
		stayed += exchange_send_request(&exchange, 0, &verdict) &&
			  endpoint_same(&first, &exchange.backend);
	is_int(stayed, 9, "with --persist flow again, packets stay together");
	ok(exchange_flow(&exchange, id, &flow), "the flow is tracked again");
}

static void no_backend(void)
{
	struct exchange exchange = env_exchange(&env, 14, false, IPPROTO_UDP, 10);
	struct packet_spec spec = exchange_request(&exchange, 0);
	struct verdict verdict;
	struct packet packet;

	env_add_service(&env, "empty", 14, false, IPPROTO_UDP, "--persist none");
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_BACKEND, &packet, "a packet without backends is dropped");
}

int main(void)
{
	env_open(&env, "--max-flows 65536");
	add("dns4", 10, false, "--persist none");
	add("dns6", 11, true, "--persist none");
	balances_packets(10, false);
	balances_packets(11, true);
	replies_need_no_flow();
	shared_backend();
	changes_live();
	no_backend();
	is_int(instance_run(&env.instance, "service add tcp 192.0.2.99:80/tcp --persist none"), 3,
	       "--persist none is rejected for TCP");
	return tap_done();
}
