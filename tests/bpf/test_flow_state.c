// SPDX-License-Identifier: GPL-2.0-only
/*
 * States of a flow in the flow table: new, answered, established, closed. The flow keeps its
 * backend until it is closed. A later SYN begins a new flow.
 */
#include <linux/bpf.h>

#include "harness/expect.h"
#include "harness/test_env.h"

static struct env env;
static __u16 web, web6, dns;

static const char *const state_names[] = {
	[LB_FLOW_NEW] = "new",
	[LB_FLOW_ANSWERED] = "answered",
	[LB_FLOW_ESTABLISHED] = "established",
	[LB_FLOW_CLIENT_FIN] = "client_fin",
	[LB_FLOW_BACKEND_FIN] = "backend_fin",
	[LB_FLOW_CLOSED] = "closed",
};

static __u16 service_of(const struct exchange *exchange)
{
	if (exchange->protocol == IPPROTO_UDP)
		return dns;
	return endpoint_is_v6(&exchange->client) ? web6 : web;
}

static void state_is(const struct exchange *exchange, enum lb_flow_state wanted, const char *after)
{
	struct lb_flow flow = {0};

	if (!ok(exchange_flow(exchange, service_of(exchange), &flow),
		"the flow is tracked after %s", after))
		return;
	is_str(state_names[lb_flow_state(flow.data)], state_names[wanted], "its state is %s",
	       state_names[wanted]);
}

/* One packet of a connection: its direction and flags, and the flow's state after it. */
struct step {
	bool is_reply;
	__u8 flags;
	enum lb_flow_state state;
	const char *what;
};

static void run_steps(struct exchange *exchange, const struct step *steps)
{
	struct endpoint backend = {0};
	unsigned int moved = 0;

	for (; steps->what; steps++) {
		struct verdict verdict;

		if (steps->is_reply)
			ok(exchange_send_reply(exchange, steps->flags, &verdict), "%s is forwarded",
			   steps->what);
		else
			ok(exchange_send_request(exchange, steps->flags, &verdict),
			   "%s is forwarded", steps->what);
		state_is(exchange, steps->state, steps->what);
		if (backend.port && !endpoint_same(&backend, &exchange->backend))
			moved++;
		backend = exchange->backend;
	}
	is_int(moved, 0, "every packet has the same backend");
}

static void client_closes_first(bool v6)
{
	static const struct step steps[] = {
		{false, TCP_SYN, LB_FLOW_NEW, "SYN"},
		{false, TCP_SYN, LB_FLOW_NEW, "a retransmitted SYN"},
		{true, TCP_SYN | TCP_ACK, LB_FLOW_ANSWERED, "SYN-ACK"},
		{false, TCP_SYN, LB_FLOW_ANSWERED, "a second retransmitted SYN"},
		{false, TCP_ACK, LB_FLOW_ESTABLISHED, "ACK"},
		{false, TCP_SYN, LB_FLOW_ESTABLISHED, "a stray SYN"},
		{true, TCP_ACK, LB_FLOW_ESTABLISHED, "data from the backend"},
		{false, TCP_FIN | TCP_ACK, LB_FLOW_CLIENT_FIN, "FIN of the client"},
		{true, TCP_ACK, LB_FLOW_CLIENT_FIN, "data after it"},
		{true, TCP_FIN | TCP_ACK, LB_FLOW_CLOSED, "FIN of the backend"},
		{false, TCP_ACK, LB_FLOW_CLOSED, "the last ACK"},
		{0}};
	struct exchange exchange = env_exchange(&env, 10, v6, IPPROTO_TCP, 1);

	run_steps(&exchange, steps);
}

static void backend_closes_first(bool v6)
{
	static const struct step steps[] = {
		{false, TCP_SYN, LB_FLOW_NEW, "SYN"},
		{true, TCP_SYN | TCP_ACK, LB_FLOW_ANSWERED, "SYN-ACK"},
		{false, TCP_ACK, LB_FLOW_ESTABLISHED, "ACK"},
		{true, TCP_FIN | TCP_ACK, LB_FLOW_BACKEND_FIN, "FIN of the backend"},
		{false, TCP_ACK, LB_FLOW_BACKEND_FIN, "data of the client"},
		{false, TCP_FIN | TCP_ACK, LB_FLOW_CLOSED, "FIN of the client"},
		{true, TCP_ACK, LB_FLOW_CLOSED, "the last ACK"},
		{0}};
	struct exchange exchange = env_exchange(&env, 10, v6, IPPROTO_TCP, 2);

	run_steps(&exchange, steps);
}

static void reset_closes(bool by_backend)
{
	const struct step steps[] = {
		{false, TCP_SYN, LB_FLOW_NEW, "SYN"},
		{true, TCP_SYN | TCP_ACK, LB_FLOW_ANSWERED, "SYN-ACK"},
		{false, TCP_ACK, LB_FLOW_ESTABLISHED, "ACK"},
		{by_backend, TCP_RST, LB_FLOW_CLOSED, by_backend ? "RST of the backend" : "RST"},
		{0}};
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 3 + by_backend);

	run_steps(&exchange, steps);
}

static void refused_at_once(void)
{
	static const struct step steps[] = {
		{false, TCP_SYN, LB_FLOW_NEW, "SYN"},
		{true, TCP_RST | TCP_ACK, LB_FLOW_CLOSED, "RST in place of SYN-ACK"},
		{0}};
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 5);

	run_steps(&exchange, steps);
}

static void udp_flow(void)
{
	static const struct step steps[] = {{false, 0, LB_FLOW_NEW, "a datagram"},
					    {false, 0, LB_FLOW_NEW, "a second datagram"},
					    {true, 0, LB_FLOW_ANSWERED, "a reply"},
					    {false, 0, LB_FLOW_ESTABLISHED, "a third datagram"},
					    {true, 0, LB_FLOW_ESTABLISHED, "a second reply"},
					    {0}};
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_UDP, 6);

	run_steps(&exchange, steps);
}

/* Two backends with rr: each new selection takes the other backend. */
static void closed_is_rescheduled(void)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 7);
	struct endpoint first;
	struct verdict verdict;

	exchange_establish(&exchange);
	first = exchange.backend;
	exchange_send_request(&exchange, TCP_RST, &verdict);
	ok(exchange_send_request(&exchange, TCP_ACK, &verdict) &&
		   endpoint_same(&exchange.backend, &first),
	   "a late packet of a closed flow keeps its backend");
	ok(exchange_send_request(&exchange, TCP_SYN, &verdict) &&
		   !endpoint_same(&exchange.backend, &first),
	   "a SYN after the end selects another backend");
	state_is(&exchange, LB_FLOW_NEW, "a new SYN");
}

static void counts_each_flow_once(void)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 8);
	struct lb_traffic traffic;
	unsigned long before = 0, after = 0;

	for (__u16 id = 1; id < 16; id++)
		before += instance_traffic(&env.instance, id).new_flows;
	exchange_establish(&exchange);
	exchange_establish(&exchange);
	for (__u16 id = 1; id < 16; id++) {
		traffic = instance_traffic(&env.instance, id);
		after += traffic.new_flows;
	}
	is_int(after - before, 1, "a flow counts as new once, for all its packets");
}

/* Changes of weights and schedulers do not move established flows. */
static void weights_move_no_flow(void)
{
	static const char *const changes[] = {
		"backend weight web 10.2.0.11:8080 0", "backend weight web 10.2.0.12:8080 0",
		"backend weight web 10.2.0.11:8080 7", "backend weight web 10.2.0.12:8080 100",
		"service set web --scheduler random",  "service set web --scheduler wrr",
		"backend add web 10.2.0.13:8080",      "backend del web 10.2.0.13:8080 --force"};
	struct exchange exchanges[50];
	struct endpoint selected[50];
	unsigned int moved = 0;

	for (unsigned int i = 0; i < 50; i++) {
		exchanges[i] = env_exchange(&env, 10, i % 2, IPPROTO_TCP, 100 + i);
		exchange_establish(&exchanges[i]);
		selected[i] = exchanges[i].backend;
	}
	for (unsigned int i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		instance_must_run(&env.instance, "%s", changes[i]);
		for (unsigned int j = 0; j < 50; j++) {
			struct verdict verdict;

			moved += !exchange_send_request(&exchanges[j], TCP_ACK, &verdict) ||
				 !endpoint_same(&exchanges[j].backend, &selected[j]);
		}
	}
	is_int(moved, 0, "50 flows stay through 8 configuration changes");
}

int main(void)
{
	env_open(&env, "--max-flows 65536");
	web = env_add_service(&env, "web", 10, false, IPPROTO_TCP, "--scheduler rr");
	web6 = env_add_service(&env, "web6", 10, true, IPPROTO_TCP, "--scheduler rr");
	dns = env_add_service(&env, "dns", 10, false, IPPROTO_UDP, "--scheduler rr");
	for (unsigned int host = 11; host <= 12; host++) {
		env_add_backend(&env, "web", false, 2, host, "");
		env_add_backend(&env, "web6", true, 2, host, "");
		env_add_backend(&env, "dns", false, 2, host, "");
	}
	for (int v6 = 0; v6 < 2; v6++) {
		client_closes_first(v6);
		backend_closes_first(v6);
		reset_closes(v6);
	}
	refused_at_once();
	udp_flow();
	closed_is_rescheduled();
	counts_each_flow_once();
	weights_move_no_flow();
	return tap_done();
}
