// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets without ports in snat mode, byte by byte and in both directions: later fragments and ICMP
 * errors. Backends receive all of them from the SNAT address of the flow.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "harness/expect.h"
#include "harness/test_env.h"
#include "packets/fragmenter.h"
#include "packets/icmp_builder.h"

#define SOURCES	       "--forward snat --source 10.2.0.64/31,fd02::40/127"
#define FRAGMENT_BYTES 64U
#define PAYLOAD	       150U

static struct env env;

/* A flow in snat mode, and the SNAT endpoint that its backend sees. */
struct flow {
	struct exchange exchange;
	struct endpoint snat_source;
};

static struct flow begin(unsigned int number, bool v6, __u8 protocol, __u16 vip_port)
{
	static __u32 client;
	struct flow flow = {.exchange = env_exchange(&env, number, v6, protocol, client++)};
	struct packet_spec spec;
	struct packet packet;
	struct verdict verdict;

	flow.exchange.service.port = vip_port;
	spec = exchange_request(&flow.exchange, TCP_SYN);
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	ok(packet_read(&verdict.packet, &flow.snat_source, &flow.exchange.backend) &&
		   verdict.increments.count[LB_FORWARDED] == 1,
	   "a flow begins from %s", endpoint_text(&flow.snat_source));
	return flow;
}

static struct packet_spec request_expected(const struct flow *flow, struct packet_spec spec)
{
	spec = exchange_request_expected(&flow->exchange, spec);
	spec.source = flow->snat_source;
	return spec;
}

static struct packet_spec reply(const struct flow *flow, __u8 flags)
{
	struct packet_spec spec = exchange_reply(&flow->exchange, flags);

	spec.destination = flow->snat_source;
	return spec;
}

static struct packet_spec reply_expected(const struct flow *flow, struct packet_spec spec)
{
	spec = exchange_reply_expected(&flow->exchange, spec);
	spec.destination = flow->exchange.client;
	return spec;
}

static void fragment_is(unsigned int device, const struct packet_spec *spec,
			const struct packet_spec *sent, const struct ip_fragment *ip_fragment,
			__u32 action, enum lb_outcome outcome, const char *what)
{
	struct packet packet, wanted;
	struct verdict verdict;

	ip_fragment_build(spec, ip_fragment, &packet);
	ip_fragment_build(sent, ip_fragment, &wanted);
	instance_receive(&env.instance, device, &packet, &verdict);
	expect(&verdict, action, outcome, &wanted, "%s, from byte %u", what, ip_fragment->from);
}

static void fragmented(bool v6, __u8 protocol, unsigned int tags)
{
	struct flow flow = begin(env_service_number(protocol), v6, protocol, 80);
	struct packet_spec spec = exchange_request(&flow.exchange, TCP_ACK),
			   reply_spec = reply(&flow, TCP_ACK);
	struct packet_spec sent, reply_expected_spec;

	spec.payload = reply_spec.payload = PAYLOAD;
	spec.tags = reply_spec.tags = tags;
	spec.tag_type[0] = reply_spec.tag_type[0] = 0x8100;
	spec.option_bytes = reply_spec.option_bytes = tags && !v6 ? 8 : 0;
	sent = request_expected(&flow, spec);
	reply_expected_spec = reply_expected(&flow, reply_spec);
	for (unsigned int i = 0; i < 3; i++) {
		struct ip_fragment ip_fragment = {
			.id = 7, .from = i * FRAGMENT_BYTES, .bytes = FRAGMENT_BYTES};

		fragment_is(env.testnet.front, &spec, &sent, &ip_fragment, XDP_REDIRECT,
			    LB_FORWARDED, "a request's fragment is translated");
	}
	for (unsigned int i = 0; i < 3; i++) {
		struct ip_fragment ip_fragment = {
			.id = 8, .from = i * FRAGMENT_BYTES, .bytes = FRAGMENT_BYTES};

		fragment_is(env.testnet.back, &reply_spec, &reply_expected_spec, &ip_fragment,
			    XDP_REDIRECT, LB_REPLIED, "a reply's fragment is translated");
	}
}

static void unknown_fragments(bool v6)
{
	struct flow flow = begin(11, v6, IPPROTO_UDP, 80);
	struct packet_spec spec = exchange_request(&flow.exchange, 0), reply_spec = reply(&flow, 0);
	struct ip_fragment first = {.id = 9, .bytes = FRAGMENT_BYTES},
			   rest = {.id = 9, .from = FRAGMENT_BYTES};

	spec.payload = reply_spec.payload = PAYLOAD;
	fragment_is(env.testnet.front, &spec, &spec, &rest, XDP_DROP, LB_FRAGMENT_UNKNOWN,
		    "a request's fragment before the first is dropped");
	fragment_is(env.testnet.back, &reply_spec, &reply_spec, &rest, XDP_PASS, LB_FRAGMENT,
		    "a reply's fragment before the first passes");
	reply_spec.source.port++;
	fragment_is(env.testnet.back, &reply_spec, &reply_spec, &first, XDP_PASS, LB_REPLY_UNKNOWN,
		    "a fragment from another port passes");
	fragment_is(env.testnet.back, &reply_spec, &reply_spec, &rest, XDP_PASS, LB_FRAGMENT,
		    "its later fragment passes");
}

static struct endpoint router(bool v6)
{
	return endpoint(v6 ? "2001:db8:77::9" : "203.0.113.9", 0);
}

static void error_is(struct icmp_error *icmp_error, struct icmp_error *wanted, unsigned int device,
		     __u32 action, enum lb_outcome outcome, const char *what)
{
	struct packet packet, expected;
	struct verdict verdict;

	icmp_error_build(icmp_error, &packet);
	icmp_error_build(wanted, &expected);
	instance_receive(&env.instance, device, &packet, &verdict);
	expect(&verdict, action, outcome, &expected, "%s, %u inner bytes", what,
	       icmp_error->inner_bytes);
}

/* From a router on the clients' side, or the client: about a packet of the backend. */
static struct icmp_error about_reply(const struct flow *flow, struct endpoint from)
{
	bool v6 = endpoint_is_v6(&flow->snat_source);
	struct icmp_error icmp_error = {.outer = exchange_request(&flow->exchange, 0),
					.type = v6 ? 2 : 3,
					.code = v6 ? 0 : 4,
					.rest = 1400,
					.inner = reply_expected(flow, reply(flow, TCP_ACK))};

	icmp_error.outer.source = from;
	return icmp_error;
}

static struct icmp_error about_reply_expected(const struct flow *flow, struct icmp_error icmp_error)
{
	icmp_error.outer = request_expected(flow, icmp_error.outer);
	icmp_error.inner.source = flow->exchange.backend;
	icmp_error.inner.destination = flow->snat_source;
	return icmp_error;
}

/* From the backend, or a router before it: about a packet of the client. */
static struct icmp_error about_request(const struct flow *flow, struct endpoint from)
{
	bool v6 = endpoint_is_v6(&flow->snat_source);
	struct icmp_error icmp_error = {
		.outer = reply(flow, 0),
		.type = v6 ? 1 : 3,
		.code = v6 ? 4 : 3,
		.inner = request_expected(flow, exchange_request(&flow->exchange, TCP_ACK))};

	icmp_error.outer.source = from;
	return icmp_error;
}

static struct icmp_error about_request_expected(const struct flow *flow,
						struct icmp_error icmp_error)
{
	struct endpoint from = icmp_error.outer.source;

	icmp_error.outer = reply_expected(flow, icmp_error.outer);
	if (!endpoint_same(&from, &flow->exchange.backend))
		icmp_error.outer.source = from;
	icmp_error.inner.source = flow->exchange.client;
	icmp_error.inner.destination = flow->exchange.service;
	return icmp_error;
}

static void errors(const struct flow *flow, unsigned int inner_bytes)
{
	bool v6 = endpoint_is_v6(&flow->snat_source);
	struct icmp_error icmp_error, wanted;

	for (unsigned int i = 0; i < 2; i++) {
		icmp_error = about_reply(flow, i ? flow->exchange.client : router(v6));
		icmp_error.inner_bytes = inner_bytes;
		wanted = about_reply_expected(flow, icmp_error);
		error_is(&icmp_error, &wanted, env.testnet.front, XDP_REDIRECT,
			 LB_ICMP_ERROR_RELAYED,
			 i ? "an error from the client is relayed"
			   : "an error from a router is sent to the backend");
		icmp_error = about_request(flow, i ? flow->exchange.backend : router(v6));
		icmp_error.inner_bytes = inner_bytes;
		wanted = about_request_expected(flow, icmp_error);
		error_is(&icmp_error, &wanted, env.testnet.back, XDP_REDIRECT,
			 LB_ICMP_ERROR_RELAYED,
			 i ? "an error from the backend is relayed"
			   : "an error from a router is sent to the client");
	}
}

static void every_inner_length(bool v6, __u8 protocol)
{
	struct flow flow = begin(env_service_number(protocol), v6, protocol, 80);
	unsigned int header = v6 ? 40 : 20;

	errors(&flow, 0);
	errors(&flow, header + 8);
	errors(&flow, header + 16);
	errors(&flow, header + 18);
}

static void others_pass(bool v6)
{
	struct flow flow = begin(10, v6, IPPROTO_TCP, 80), unknown_flow = flow;
	struct icmp_error icmp_error;

	unknown_flow.exchange.client.port++;
	icmp_error = about_reply(&unknown_flow, router(v6));
	error_is(&icmp_error, &icmp_error, env.testnet.front, XDP_PASS, LB_ICMP_ERROR_UNKNOWN,
		 "an error about an unknown flow passes");
	unknown_flow = flow;
	unknown_flow.exchange.backend.port++;
	icmp_error = about_request(&unknown_flow, router(v6));
	error_is(&icmp_error, &icmp_error, env.testnet.back, XDP_PASS, LB_ICMP_ERROR_UNKNOWN,
		 "an error about another backend port passes");
	unknown_flow = flow;
	unknown_flow.snat_source.port = 22;
	icmp_error = about_request(&unknown_flow, router(v6));
	error_is(&icmp_error, &icmp_error, env.testnet.back, XDP_PASS, LB_ICMP_ERROR_UNKNOWN,
		 "an error about an unused SNAT port passes");
	instance_must_run(&env.instance, "backend maint tcp%u %s", v6 ? 6 : 4,
			  endpoint_text(&flow.exchange.backend));
	icmp_error = about_reply(&flow, router(v6));
	error_is(&icmp_error, &icmp_error, env.testnet.front, XDP_PASS, LB_ICMP_ERROR_UNKNOWN,
		 "an error about a backend in maintenance passes");
	instance_must_run(&env.instance, "backend ready tcp%u %s", v6 ? 6 : 4,
			  endpoint_text(&flow.exchange.backend));
}

/* A service on all ports, and a service with flows in nat and snat mode. */
static void mixed_services(void)
{
	struct flow flow;
	struct exchange exchange;

	instance_must_run(&env.instance, "service add any 192.0.2.40:0/udp " SOURCES);
	instance_must_run(&env.instance, "backend add any 10.2.0.12");
	flow = begin(40, false, IPPROTO_UDP, 1234);
	errors(&flow, 0);
	flow = begin(10, false, IPPROTO_TCP, 80);
	instance_must_run(&env.instance, "service set tcp4 --forward nat");
	errors(&flow, 0);
	exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 999);
	ok(exchange_establish(&exchange), "a flow in nat mode is established");
	instance_must_run(&env.instance, "service set tcp4 --forward snat");
	errors(&flow, 0);
}

int main(void)
{
	env_open(&env, "--max-flows 4096 --max-sources 4");
	for (unsigned int i = 0; i < ENV_KINDS; i++) {
		const struct env_kind *kind = env_add_kind(&env, i, SOURCES);

		fragmented(kind->v6, kind->protocol, 0);
		fragmented(kind->v6, kind->protocol, 1);
		every_inner_length(kind->v6, kind->protocol);
	}
	for (int v6 = 0; v6 < 2; v6++) {
		unknown_fragments(v6);
		others_pass(v6);
	}
	mixed_services();
	return tap_done();
}
