// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spillover: flows that a service has no backend or no room for go to the backends of another
 * service, by alias backends. Their replies still come from the VIP that the client used.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/explain_check.h"
#include "harness/test_env.h"

#define OWN    11 /* backend of the service that spills over */
#define TARGET 14 /* first of two backends of the target service */

static struct env env;
static __u32 client = 1;

/* Begins a flow. Returns the host it was sent to, 0 if it was refused with this outcome. */
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
 * Two services: the first has room for two flows and spills over to the second. With a timeout of
 * one hour no flow expires during the test, even on a slow machine.
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

/* `in`, received on a device, must leave as `out`. */
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
	       outcome == LB_FORWARDED ? "a request is translated"
				       : "a reply is translated to its VIP");
}

/* The reply must come from the VIP of the request. */
static void reply_is_translated(const struct exchange *exchange, __u8 flags, const char *what)
{
	struct packet_spec reply = exchange_reply(exchange, flags),
			   sent = exchange_reply_expected(exchange, reply);

	is_forwarded_as(&reply, env.testnet.back, &sent, LB_REPLIED, what);
}

/* Request and reply must be translated as for a backend of the service itself. */
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
	is_int(at_target, 4, "the overflow goes to the target's backends");
	ok(exchange_host(&exchanges[4]) != exchange_host(&exchanges[5]),
	   "the target's scheduler selects them");
	is_translated(&exchanges[5], TCP_SYN | TCP_ACK, what);
	is_translated(&exchanges[5], TCP_ACK, "established");
	is_translated(&exchanges[5], TCP_ACK, "a later packet");
	for (unsigned int i = 0; i < 6; i++) {
		unsigned int before = exchange_host(&exchanges[i]);

		stayed += exchange_send_request(&exchanges[i], TCP_ACK, &verdict) &&
			  exchange_host(&exchanges[i]) == before;
	}
	is_int(stayed, 6, "flows stay on their backends");
	ok(is_target(begin(&direct, number + 1, v6, protocol, LB_NO_BACKEND)) &&
		   exchange_send_reply(&direct, TCP_SYN | TCP_ACK, &verdict),
	   "the target's own flows are translated to its VIP");
}

/* Without an available backend all flows spill over, until one is available. */
static void unavailable_backends_spill(unsigned int number)
{
	struct exchange exchange, tracked;
	struct verdict verdict;

	open_pair(number, false, IPPROTO_TCP, "--scheduler maglev");
	instance_must_run(&env.instance, "backend drain from%u 10.2.0.%u:8080", number, OWN);
	ok(is_target(begin(&tracked, number, false, IPPROTO_TCP, LB_NO_BACKEND)),
	   "a service with a drained backend spills over");
	is_translated(&tracked, TCP_ACK, "no backend available");
	exchange = env_exchange(&env, number, false, IPPROTO_TCP, client++);
	ok(exchange_send_request(&exchange, TCP_ACK, &verdict) &&
		   is_target(exchange_host(&exchange)),
	   "untracked packets spill over");
	instance_must_run(&env.instance, "backend ready from%u 10.2.0.%u:8080", number, OWN);
	is_int(begin(&exchange, number, false, IPPROTO_TCP, LB_NO_BACKEND), OWN,
	       "new flows use a backend made ready");
	is_translated(&tracked, TCP_ACK, "a flow that spilled over");
	instance_must_run(&env.instance, "backend maint from%u 10.2.0.%u:8080", number, OWN);
	instance_must_run(&env.instance, "backend maint to%u 10.2.0.%u:8080", number, TARGET);
	instance_must_run(&env.instance, "backend maint to%u 10.2.0.%u:8080", number, TARGET + 1);
	is_int(begin(&exchange, number, false, IPPROTO_TCP, LB_NO_BACKEND), 0,
	       "no backend of either service: a flow is dropped");
	ok(!exchange_send_request(&tracked, TCP_ACK, &verdict) &&
		   verdict.increments.count[LB_NO_BACKEND] == 1,
	   "maintenance of the target ends spilled flows");
	instance_must_run(&env.instance, "backend ready to%u 10.2.0.%u:8080", number, TARGET);
	is_int(begin(&exchange, number, false, IPPROTO_TCP, LB_NO_BACKEND), TARGET,
	       "an alias has the state of its backend");
}

/* Flows that spill over count against the limits of the target's backends. */
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
	is_int(exchange_host(&exchanges[3]), TARGET, "two flows are its own, two spill over");
	is_int(begin(&last, number, false, IPPROTO_TCP, LB_OVERLOADED), 0,
	       "a flow is refused if the target is full too");
	is_int(begin(&last, number + 1, false, IPPROTO_TCP, LB_OVERLOADED), 0,
	       "a flow of the full target itself is refused");
	snprintf(name, sizeof(name), "to%u", number);
	id = instance_backend_id(&env.instance, instance_service_id(&env.instance, name),
				 &exchanges[3].backend);
	is_int(env.instance.loads[id].flows, 2, "the alias's flows count for its backend");
	exchange_send_request(&exchanges[3], TCP_RST | TCP_ACK, &verdict);
	is_int(env.instance.loads[id].flows, 1, "the end of a flow reduces the count");
	is_int(begin(&last, number + 1, false, IPPROTO_TCP, LB_OVERLOADED), TARGET,
	       "the next flow of the target is accepted");
}

/* Samples of an alias's flows are added to its backend. */
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
	is_int(latency->begun, 1, "a spilled flow counts as begun for its backend");
	exchange_send_reply(&exchange, 0, &verdict);
	ok(latency->answered == 1 && latency->sum_us, "its answer is timed for the backend");
}

/* `explain` of a flow that spills over: the scheduler and the share are those of the target. */
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
	       0, "the flow is predicted to arrive");
	explain_check_output("rr: the next in order");
	explain_check_field("share", "0.5");
	explain_check_output("to a backend of 'to64'");
}

/* A host may be a backend of both services, and full in one. */
static void shared_backend(unsigned int number)
{
	struct exchange exchanges[3];

	env_add_service(&env, "twice-to", number + 1, false, IPPROTO_TCP, "");
	env_add_backend(&env, "twice-to", false, 2, OWN, "");
	env_add_service(&env, "twice", number, false, IPPROTO_TCP, "--spill twice-to");
	env_add_backend(&env, "twice", false, 2, OWN, "--max-flows 2");
	for (unsigned int i = 0; i < 3; i++)
		begin(&exchanges[i], number, false, IPPROTO_TCP, LB_OVERLOADED);
	is_int(exchange_host(&exchanges[2]), OWN,
	       "a full host gets the flow as the target's backend");
	is_translated(&exchanges[2], TCP_ACK, "alias backend");
	is_translated(&exchanges[0], TCP_ACK, "own backend");
}

/* With --persist none, replies are identified by their source alone. */
static void persist_none_spills(unsigned int number)
{
	struct exchange exchange;

	open_pair(number, false, IPPROTO_UDP, "--persist none");
	instance_must_run(&env.instance, "backend drain from%u 10.2.0.%u:8080", number, OWN);
	ok(is_target(begin(&exchange, number, false, IPPROTO_UDP, LB_NO_BACKEND)),
	   "with --persist none, a packet spills over");
	reply_is_translated(&exchange, 0, "without flows");
}

/* The other forwarding modes: `at` is the length of the outer headers. */
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
	   "a flow spills over in %s mode", forward);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	ok(verdict.increments.count[LB_FORWARDED] == 1, "its next packet follows");
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
