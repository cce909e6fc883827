// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spilling: flows for which a service has no room, or nobody at all, go to the backends of
 * another service, and are none the less flows with the address that their clients asked.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/explain_check.h"
#include "harness/test_env.h"

#define OWN    11 /* the backend of the service that spills */
#define TARGET 14 /* those of the service that gets it: this one and the next */

static struct env env;
static __u32 client = 1;

/* The host that a new flow is given to; 0 = refused, with the outcome. */
static unsigned int begin(struct exchange *exchange, unsigned int number, bool v6, __u8 protocol,
			  enum lb_outcome outcome)
{
	struct verdict verdict;

	*exchange = env_exchange(&env, number, v6, protocol, client++);
	if (exchange_send_request(exchange, TCP_SYN, &verdict))
		return exchange_host(exchange);
	return verdict.increments.count[outcome] == 1 && verdict.action == XDP_DROP ? 0 : 255;
}

static bool is_target(unsigned int host)
{
	return host == TARGET || host == TARGET + 1;
}

/*
 * Two services, the first of which has room for two flows and spills to the second. No flow
 * ends by itself before the test does, however slow the machine is.
 */
static void open_pair(unsigned int number, bool v6, __u8 protocol, const char *flags)
{
	char from[16], to[16], spill[96];

	snprintf(from, sizeof(from), "from%u", number);
	snprintf(to, sizeof(to), "to%u", number);
	snprintf(spill, sizeof(spill), "--timeout-new 1h --spill %s %s", to, flags);
	env_add_service(&env, to, number + 1, v6, protocol, "--scheduler rr --timeout-new 1h");
	env_add_backend(&env, to, v6, 2, TARGET, "");
	env_add_service(&env, from, number, v6, protocol, spill);
	env_add_backend(&env, from, v6, 2, OWN, "--max-flows 2");
	env_add_backend(&env, to, v6, 2, TARGET + 1, "");
}

/* What comes in by a device goes out as it is to. */
static void is_forwarded_as(const struct packet_spec *in, unsigned int device,
			    const struct packet_spec *out, enum lb_outcome outcome,
			    const char *what)
{
	struct packet packet, wanted;
	struct verdict verdict;

	packet_build(in, &packet);
	packet_build(out, &wanted);
	instance_receive(&env.instance, device, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, outcome, &wanted, "%s: %s", what,
	       outcome == LB_FORWARDED ? "a request"
				       : "a reply comes from the address that was asked");
}

/* A reply comes from the address that was asked. */
static void reply_is_translated(const struct exchange *exchange, __u8 flags, const char *what)
{
	struct packet_spec reply = exchange_reply(exchange, flags),
			   sent = exchange_reply_expected(exchange, reply);

	is_forwarded_as(&reply, env.testnet.back, &sent, LB_REPLIED, what);
}

/* Request and reply of a talk are translated as if its backend were the service's own. */
static void is_translated(const struct exchange *exchange, __u8 flags, const char *what)
{
	struct packet_spec request = exchange_request(exchange, flags),
			   sent = exchange_request_expected(exchange, request);

	is_forwarded_as(&request, env.testnet.front, &sent, LB_FORWARDED, what);
	reply_is_translated(exchange, flags, what);
}

static void full_backends_spill(unsigned int number, bool v6, __u8 protocol)
{
	struct exchange exchanges[6], direct;
	unsigned int at_own = 0, at_target = 0, stayed = 0;
	struct verdict verdict;
	char what[64];

	snprintf(what, sizeof(what), "%s, IPv%u", protocol == IPPROTO_TCP ? "TCP" : "UDP",
		 v6 ? 6 : 4);
	open_pair(number, v6, protocol, "");
	for (unsigned int i = 0; i < 6; i++) {
		unsigned int host = begin(&exchanges[i], number, v6, protocol, LB_OVERLOADED);

		at_own += host == OWN;
		at_target += is_target(host);
	}
	is_int(at_own, 2, "%s: two flows fill the service's backend", what);
	is_int(at_target, 4, "and the rest goes to the other service's");
	ok(exchange_host(&exchanges[4]) != exchange_host(&exchanges[5]),
	   "as that one's scheduler chooses");
	is_translated(&exchanges[5], TCP_SYN | TCP_ACK, what);
	is_translated(&exchanges[5], TCP_ACK, "established");
	is_translated(&exchanges[5], TCP_ACK, "and going on");
	for (unsigned int i = 0; i < 6; i++) {
		unsigned int before = exchange_host(&exchanges[i]);

		stayed += exchange_send_request(&exchanges[i], TCP_ACK, &verdict) &&
			  exchange_host(&exchanges[i]) == before;
	}
	is_int(stayed, 6, "flows stay where they are");
	ok(is_target(begin(&direct, number + 1, v6, protocol, LB_NO_BACKEND)) &&
		   exchange_send_reply(&direct, TCP_SYN | TCP_ACK, &verdict),
	   "the other service's own flows are answered from its own address");
}

/* With nobody in service all flows are spilled, until somebody is. */
static void unavailable_backends_spill(unsigned int number)
{
	struct exchange exchange, tracked;
	struct verdict verdict;

	open_pair(number, false, IPPROTO_TCP, "--scheduler maglev");
	instance_must_run(&env.instance, "backend drain from%u 10.2.0.%u:8080", number, OWN);
	ok(is_target(begin(&tracked, number, false, IPPROTO_TCP, LB_NO_BACKEND)),
	   "with its backend drained, a service spills");
	is_translated(&tracked, TCP_ACK, "nobody in service");
	exchange = env_exchange(&env, number, false, IPPROTO_TCP, client++);
	ok(exchange_send_request(&exchange, TCP_ACK, &verdict) &&
		   is_target(exchange_host(&exchange)),
	   "so do packets of flows that began elsewhere");
	instance_must_run(&env.instance, "backend ready from%u 10.2.0.%u:8080", number, OWN);
	is_int(begin(&exchange, number, false, IPPROTO_TCP, LB_NO_BACKEND), OWN,
	       "when it is back, new flows are its own again");
	is_translated(&tracked, TCP_ACK, "while what was spilled goes on");
	instance_must_run(&env.instance, "backend maint from%u 10.2.0.%u:8080", number, OWN);
	instance_must_run(&env.instance, "backend maint to%u 10.2.0.%u:8080", number, TARGET);
	instance_must_run(&env.instance, "backend maint to%u 10.2.0.%u:8080", number, TARGET + 1);
	is_int(begin(&exchange, number, false, IPPROTO_TCP, LB_NO_BACKEND), 0,
	       "with nobody in either, there is nobody");
	ok(!exchange_send_request(&tracked, TCP_ACK, &verdict) &&
		   verdict.increments.count[LB_NO_BACKEND] == 1,
	   "and maintenance takes what was spilled, too");
	instance_must_run(&env.instance, "backend ready to%u 10.2.0.%u:8080", number, TARGET);
	is_int(begin(&exchange, number, false, IPPROTO_TCP, LB_NO_BACKEND), TARGET,
	       "its backends' states are those of their deputies");
}

/* What is spilled counts against the limits of those that get it. */
static void target_limits_hold(unsigned int number)
{
	struct exchange exchanges[4], last;
	struct verdict verdict;
	char name[16];
	__u16 id;

	open_pair(number, false, IPPROTO_TCP, "");
	instance_must_run(&env.instance, "backend del to%u 10.2.0.%u:8080", number, TARGET + 1);
	instance_must_run(&env.instance, "backend add to%u 10.2.0.%u:8080 --max-flows 2 --update",
			  number, TARGET);
	for (unsigned int i = 0; i < 4; i++)
		begin(&exchanges[i], number, false, IPPROTO_TCP, LB_OVERLOADED);
	is_int(exchange_host(&exchanges[3]), TARGET, "two flows are its own, two are spilled");
	is_int(begin(&last, number, false, IPPROTO_TCP, LB_OVERLOADED), 0,
	       "then those are full as well, and a flow is refused");
	is_int(begin(&last, number + 1, false, IPPROTO_TCP, LB_OVERLOADED), 0,
	       "and so is one of the other service's own");
	snprintf(name, sizeof(name), "to%u", number);
	id = instance_backend_id(&env.instance, instance_service_id(&env.instance, name),
				 &exchanges[3].backend);
	is_int(env.instance.loads[id].flows, 2, "the load is of whom the deputy stands for");
	exchange_send_request(&exchanges[3], TCP_RST | TCP_ACK, &verdict);
	is_int(env.instance.loads[id].flows, 1, "until a flow ends");
	is_int(begin(&last, number + 1, false, IPPROTO_TCP, LB_OVERLOADED), TARGET,
	       "and makes room");
}

/* What a deputy's flows tell of its backend is told of the backend. */
static void replies_are_timed(unsigned int number)
{
	const struct lb_latency *latency;
	struct verdict verdict;
	struct exchange exchange;
	char name[16];

	open_pair(number, false, IPPROTO_UDP, "");
	snprintf(name, sizeof(name), "to%u", number);
	instance_must_run(&env.instance, "service set %s --feedback observe", name);
	instance_must_run(&env.instance, "backend drain from%u 10.2.0.%u:8080", number, OWN);
	begin(&exchange, number, false, IPPROTO_UDP, LB_NO_BACKEND);
	latency = &env.instance.responses[instance_backend_id(
		&env.instance, instance_service_id(&env.instance, name), &exchange.backend)];
	is_int(latency->begun, 1, "a spilled flow begins with whom the deputy stands for");
	exchange_send_reply(&exchange, 0, &verdict);
	ok(latency->answered == 1 && latency->sum_us, "who is timed by its answer");
}

/* Told of a spilled flow: who chose, and how much the backend is worth there. */
static void explain_spilled_flow(unsigned int number)
{
	struct exchange exchange;
	char from[64];

	open_pair(number, false, IPPROTO_TCP, "--scheduler maglev");
	instance_must_run(&env.instance, "backend drain from%u 10.2.0.%u:8080", number, OWN);
	exchange = env_exchange(&env, number, false, IPPROTO_TCP, client++);
	snprintf(from, sizeof(from), "%s", endpoint_text(&exchange.client));
	is_int(explain_check_run(&env.instance, "spilled",
				 "--src %s --dst %s/tcp --syn --interface front", from,
				 endpoint_text(&exchange.service)),
	       0, "it would arrive");
	explain_check_output("rr: the next in turn");
	explain_check_field("share", "0.5");
	explain_check_output("to 'to64', one of whose backends");
}

/* A backend may be in both services, and full in one. */
static void shared_backend(unsigned int number)
{
	struct exchange exchanges[3];

	env_add_service(&env, "twice-to", number + 1, false, IPPROTO_TCP, "");
	env_add_backend(&env, "twice-to", false, 2, OWN, "");
	env_add_service(&env, "twice", number, false, IPPROTO_TCP, "--spill twice-to");
	env_add_backend(&env, "twice", false, 2, OWN, "--max-flows 2");
	for (unsigned int i = 0; i < 3; i++)
		begin(&exchanges[i], number, false, IPPROTO_TCP, LB_OVERLOADED);
	is_int(exchange_host(&exchanges[2]), OWN, "the same host may take what it is too full for");
	is_translated(&exchanges[2], TCP_ACK, "by its deputy");
	is_translated(&exchanges[0], TCP_ACK, "and by itself");
}

/* Of a service that remembers nothing, and whose replies are known by their source. */
static void persist_none_spills(unsigned int number)
{
	struct exchange exchange;

	open_pair(number, false, IPPROTO_UDP, "--persist none");
	instance_must_run(&env.instance, "backend drain from%u 10.2.0.%u:8080", number, OWN);
	ok(is_target(begin(&exchange, number, false, IPPROTO_UDP, LB_NO_BACKEND)),
	   "without memory a packet is spilled");
	reply_is_translated(&exchange, 0, "without memory");
}

/* Each way of forwarding that is not nat: whom the packet goes to, and by which headers. */
static void other_modes_spill(unsigned int number, const char *forward, unsigned int at)
{
	struct packet_spec spec;
	struct packet packet;
	struct verdict verdict;
	struct exchange exchange;
	char flags[96], to[16];
	unsigned char host[6];

	snprintf(flags, sizeof(flags), "--spill to-%s --forward %s --source 10.2.0.64/32", forward,
		 forward);
	snprintf(to, sizeof(to), "to-%s", forward);
	env_add_service(&env, to, number + 1, false, IPPROTO_TCP, "");
	instance_must_run(&env.instance, "backend add to-%s 10.2.0.%u:80", forward, TARGET);
	env_add_service(&env, forward, number, false, IPPROTO_TCP, flags);
	exchange = env_exchange(&env, number, false, IPPROTO_TCP, client++);
	spec = exchange_request(&exchange, TCP_SYN);
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	testnet_mac_address(2, TARGET, host);
	ok(verdict.action == XDP_REDIRECT && verdict.increments.count[LB_FORWARDED] == 1 &&
		   verdict.packet.length == packet.length + at &&
		   !memcmp(verdict.packet.bytes, host, sizeof(host)),
	   "by %s, too", forward);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	ok(verdict.increments.count[LB_FORWARDED] == 1, "and again");
}

int main(void)
{
	env_open(&env, "--max-flows 65536");
	full_backends_spill(10, false, IPPROTO_TCP);
	full_backends_spill(20, true, IPPROTO_TCP);
	full_backends_spill(30, false, IPPROTO_UDP);
	full_backends_spill(40, true, IPPROTO_UDP);
	unavailable_backends_spill(50);
	target_limits_hold(60);
	replies_are_timed(62);
	explain_spilled_flow(64);
	shared_backend(70);
	persist_none_spills(80);
	other_modes_spill(90, "snat", 0);
	other_modes_spill(92, "dsr", 0);
	other_modes_spill(94, "ipip", 20);
	other_modes_spill(96, "gue", 28);
	return tap_done();
}
