// SPDX-License-Identifier: GPL-2.0-only
/*
 * Direct server return: packets for backends that reply to clients directly, compared byte by byte.
 * By MAC address (dsr), in IPIP and in GUE, IPv4 and IPv6 inside and outside.
 */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "core/process.h"
#include "harness/expect.h"
#include "harness/test_env.h"
#include "packets/checksum.h"
#include "packets/tunnel_builder.h"

#define DONT_FRAGMENT 0x4000

static struct env env;
static __u32 next_client = 1;

static const char *family_of(bool v6)
{
	return v6 ? "IPv6" : "IPv4";
}

/* A service and its backend on the backends' side. */
struct mode_case {
	const char *forward;
	unsigned int number; /* service number */
	bool v6;
	bool backend_v6;
	__u8 protocol;
};

static void add_case(const struct mode_case *mode_case)
{
	char name[32], flags[64];
	struct endpoint backend = env_backend_endpoint(mode_case->backend_v6, 2, 11);

	snprintf(name, sizeof(name), "s%u", mode_case->number);
	snprintf(flags, sizeof(flags), "--forward %s", mode_case->forward);
	env_add_service(&env, name, mode_case->number, mode_case->v6, mode_case->protocol, flags);
	backend.port = 80;
	instance_must_run(&env.instance, "backend add %s %s", name, endpoint_text(&backend));
}

static struct exchange exchange_with(const struct mode_case *mode_case)
{
	return env_exchange(&env, mode_case->number, mode_case->v6, mode_case->protocol,
			    next_client++);
}

/* The packet as the backend receives it, without tunnel headers. */
static struct packet_spec arriving(struct packet_spec spec, bool routed)
{
	testnet_mac_address(2, 11, spec.to);
	testnet_mac_address(2, 1, spec.from);
	spec.ttl -= routed;
	return spec;
}

static void receive(const struct packet_spec *spec, struct verdict *verdict)
{
	struct packet packet;

	packet_build(spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, verdict);
}

static bool is_source(const struct endpoint *address)
{
	struct endpoint first = endpoint("172.16.0.0", 0), first6 = endpoint("100::", 0);

	if (endpoint_is_v6(address))
		return !memcmp(&address->address, &first6.address, 8);
	return !memcmp(address->address.s6_addr + 12, first.address.s6_addr + 12, 2);
}

static void is_encapsulated(const struct mode_case *mode_case, const struct packet_spec *spec,
			    const char *what)
{
	struct endpoint backend = env_backend_endpoint(mode_case->backend_v6, 2, 11);
	struct packet_spec inner = arriving(*spec, true);
	unsigned int network = packet_network(spec);
	struct packet packet, wanted;
	struct verdict verdict;
	struct outer outer;

	receive(spec, &verdict);
	if (!tunnel_read(&verdict.packet, network, &outer))
		diag("no outer headers");
	packet_build(&inner, &packet);
	outer.destination = backend;
	tunnel_build(&packet, network, &outer, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted,
	       "%s, %s %s in %s: a packet (%s) is forwarded", mode_case->forward,
	       family_of(mode_case->v6), mode_case->protocol == IPPROTO_TCP ? "TCP" : "UDP",
	       family_of(mode_case->backend_v6), what);
	ok(is_source(&outer.source) && !outer.source.port == !strcmp(mode_case->forward, "ipip"),
	   "the outer source %s is in the default prefix", endpoint_text(&outer.source));
}

static void is_sent_by_dsr(const struct mode_case *mode_case, const struct packet_spec *spec,
			   const char *what)
{
	struct packet_spec sent = arriving(*spec, false);
	struct packet wanted;
	struct verdict verdict;

	receive(spec, &verdict);
	packet_build(&sent, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted,
	       "dsr, %s %s: a packet (%s) is forwarded", family_of(mode_case->v6),
	       mode_case->protocol == IPPROTO_TCP ? "TCP" : "UDP", what);
}

static void is_forwarded(const struct mode_case *mode_case, const struct packet_spec *spec,
			 const char *what)
{
	if (!strcmp(mode_case->forward, "dsr"))
		is_sent_by_dsr(mode_case, spec, what);
	else
		is_encapsulated(mode_case, spec, what);
}

/* Packets of every kind from one client. */
static void every_kind(const struct mode_case *mode_case)
{
	struct exchange exchange = exchange_with(mode_case);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);

	is_forwarded(mode_case, &spec, "first");
	spec.flags = TCP_ACK;
	is_forwarded(mode_case, &spec, "second");
	is_forwarded(mode_case, &spec, "third");
	spec.fragment = mode_case->v6 ? 0 : DONT_FRAGMENT;
	is_forwarded(mode_case, &spec, "DF");
	spec.fragment = 0;
	spec.payload = 1001;
	is_forwarded(mode_case, &spec, "odd length");
	spec.payload = 0;
	is_forwarded(mode_case, &spec, "no payload");
	for (spec.tags = 1; spec.tags <= 2; spec.tags++) {
		spec.tag_type[0] = spec.tags == 2 ? ETH_P_8021AD : ETH_P_8021Q;
		spec.tag_type[1] = ETH_P_8021Q;
		spec.tag[0] = 0x2064;
		spec.tag[1] = 7;
		is_forwarded(mode_case, &spec, spec.tags == 1 ? "one VLAN tag" : "two VLAN tags");
	}
	spec.tags = 0;
	spec.option_bytes = mode_case->v6 ? 0 : 12;
	is_forwarded(mode_case, &spec, mode_case->v6 ? "fourth" : "IPv4 options");
	spec.option_bytes = 0;
	spec.no_checksum = mode_case->protocol == IPPROTO_UDP;
	is_forwarded(mode_case, &spec, spec.no_checksum ? "no UDP checksum" : "last");
}

static void every_case(void)
{
	static const char *const forwards[] = {"dsr", "ipip", "gue"};
	struct mode_case mode_case = {.number = 20};

	for (unsigned int i = 0; i < 24; i++) {
		mode_case.forward = forwards[i / 8];
		mode_case.v6 = i & 1;
		mode_case.backend_v6 = (i & 1) ^ (i >> 1 & 1);
		mode_case.protocol = i & 4 ? IPPROTO_UDP : IPPROTO_TCP;
		mode_case.number++;
		if (i < 8 && mode_case.v6 != mode_case.backend_v6)
			continue;
		add_case(&mode_case);
		every_kind(&mode_case);
	}
}

/* Outer sources are in the configured prefix and spread over it. */
static void sources_spread(void)
{
	struct mode_case mode_case = {"gue", 60, false, false, IPPROTO_UDP};
	struct endpoint first = endpoint("192.168.7.64", 0);
	unsigned int hosts_seen[64] = {0}, ports[64] = {0}, hosts = 0, queues = 0;
	bool all_are_sources = true, same = true;

	add_case(&mode_case);
	instance_must_run(&env.instance,
			  "service set s60 --source 192.168.7.64/26,2001:db8:9::/48");
	for (unsigned int i = 0; i < 1000; i++) {
		struct exchange exchange = exchange_with(&mode_case);
		struct packet_spec spec = exchange_request(&exchange, 0);
		struct outer outer, again;
		struct verdict verdict;

		receive(&spec, &verdict);
		tunnel_read(&verdict.packet, ETH_HLEN, &outer);
		receive(&spec, &verdict);
		tunnel_read(&verdict.packet, ETH_HLEN, &again);
		same &= !memcmp(&outer, &again, sizeof(outer));
		hosts_seen[outer.source.address.s6_addr[15] & 63]++;
		ports[outer.source.port & 63]++;
		outer.source.address.s6_addr[15] &= ~63;
		outer.source.port = 0;
		all_are_sources &= endpoint_same(&outer.source, &first);
	}
	for (unsigned int i = 0; i < 64; i++) {
		hosts += hosts_seen[i] > 0;
		queues += ports[i] > 0;
	}
	ok(all_are_sources, "outer sources are in the configured prefix");
	ok(hosts > 60, "%u of 64 addresses of the prefix are used", hosts);
	ok(queues > 60, "GUE source ports are spread");
	ok(same, "a flow always has the same outer source");
}

/* A flow keeps its forwarding mode. New flows use the new one. */
static void changes_live(void)
{
	struct mode_case mode_case = {"ipip", 70, false, false, IPPROTO_TCP};
	struct exchange established, exchange;
	struct packet_spec spec, sent;
	struct packet wanted;
	struct verdict verdict;

	env_add_service(&env, "s70", 70, false, IPPROTO_TCP, "");
	instance_must_run(&env.instance, "backend add s70 10.2.0.11:80");
	established = exchange_with(&mode_case);
	ok(exchange_establish(&established), "a connection is established in nat mode");
	instance_must_run(&env.instance, "service set s70 --forward ipip");
	spec = exchange_request(&established, TCP_ACK);
	sent = exchange_request_expected(&established, spec);
	receive(&spec, &verdict);
	packet_build(&sent, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted,
	       "it stays in nat mode after a change");
	ok(exchange_send_reply(&established, TCP_ACK, &verdict), "its replies are translated");
	exchange = exchange_with(&mode_case);
	spec = exchange_request(&exchange, TCP_SYN);
	is_forwarded(&mode_case, &spec, "new connection");
	instance_must_run(&env.instance, "service set s70 --forward nat");
	spec.flags = TCP_ACK;
	is_forwarded(&mode_case, &spec, "after a change back");
}

/* The flow state follows the client's packets alone. */
static void flow_states(void)
{
	struct mode_case mode_case = {"dsr", 71, false, false, IPPROTO_TCP};
	__u16 service = (add_case(&mode_case), instance_service_id(&env.instance, "s71"));
	struct exchange exchange = exchange_with(&mode_case);
	static const struct {
		__u8 flags, state;
	} states_wanted[] = {{TCP_SYN, LB_FLOW_NEW},
			     {TCP_SYN, LB_FLOW_NEW},
			     {TCP_ACK, LB_FLOW_ESTABLISHED},
			     {TCP_ACK, LB_FLOW_ESTABLISHED},
			     {TCP_FIN | TCP_ACK, LB_FLOW_CLIENT_FIN},
			     {TCP_ACK, LB_FLOW_CLIENT_FIN},
			     {TCP_SYN, LB_FLOW_NEW}, /* another connection from the same port */
			     {TCP_ACK, LB_FLOW_ESTABLISHED},
			     {TCP_RST, LB_FLOW_CLOSED}};

	for (unsigned int i = 0; i < sizeof(states_wanted) / sizeof(states_wanted[0]); i++) {
		struct packet_spec spec = exchange_request(&exchange, states_wanted[i].flags);
		struct verdict verdict;
		struct lb_flow flow = {0};

		receive(&spec, &verdict);
		exchange_flow(&exchange, service, &flow);
		is_int(lb_flow_state(flow.data), states_wanted[i].state,
		       "the state after packet %u is right", i + 1);
	}
}

static void unreachable(void)
{
	struct mode_case mode_case = {"dsr", 72, false, false, IPPROTO_TCP};
	struct packet packet;
	struct verdict verdict;
	struct packet_spec spec;
	struct exchange exchange;

	env_add_service(&env, "s72", 72, false, IPPROTO_TCP, "--forward dsr");
	instance_must_run(&env.instance, "backend add s72 10.2.0.%u", TESTNET_UNRESOLVED);
	exchange = exchange_with(&mode_case);
	spec = exchange_request(&exchange, TCP_SYN);
	packet_build(&spec, &packet);
	receive(&spec, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_NEIGHBOUR, &packet,
	       "dsr: a packet to an unresolved backend is dropped");
	mode_case.number = 73;
	env_add_service(&env, "s73", 73, false, IPPROTO_TCP, "--forward dsr");
	instance_must_run(&env.instance, "backend add s73 203.0.113.7");
	exchange = exchange_with(&mode_case);
	spec = exchange_request(&exchange, TCP_SYN);
	packet_build(&spec, &packet);
	receive(&spec, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_ROUTE, &packet,
	       "dsr: a packet to a routed backend is dropped");
}

/* The kernel would send it back where it came from. */
static void other_device(void)
{
	struct mode_case mode_case = {"dsr", 74, false, false, IPPROTO_TCP};
	struct packet packet;
	struct verdict verdict;
	struct packet_spec spec;
	struct exchange exchange;

	process_must_run("ip -batch -",
			 "link add third type veth peer name third-peer\n"
			 "link set third up\nlink set third-peer up\n"
			 "address add 10.4.0.1/24 dev third\n"
			 "neighbour add 10.4.0.11 lladdr 02:00:00:00:04:0b dev third\n");
	env_add_service(&env, "s74", 74, false, IPPROTO_TCP, "--forward dsr");
	instance_must_run(&env.instance, "backend add s74 10.4.0.11");
	exchange = exchange_with(&mode_case);
	spec = exchange_request(&exchange, TCP_SYN);
	packet_build(&spec, &packet);
	receive(&spec, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_ROUTE, &packet,
	       "dsr: a packet to a foreign interface is dropped");
}

/* A pseudo header with the sum 0 must not be taken for a packet without a checksum. */
static void zero_pseudo_header(void)
{
	struct mode_case mode_case = {"gue", 75, false, true, IPPROTO_UDP};
	struct packet_spec spec;
	struct exchange exchange;
	__u32 sum;

	add_case(&mode_case);
	exchange = exchange_with(&mode_case);
	spec = exchange_request(&exchange, 0);
	spec.payload = 20;
	sum = checksum_add(IPPROTO_UDP + 8 + spec.payload, exchange.service.address.s6_addr + 12,
			   4);
	sum = checksum_field(checksum_add(sum, spec.source.address.s6_addr + 12, 2));
	spec.source.address.s6_addr[14] = sum >> 8;
	spec.source.address.s6_addr[15] = sum;
	is_forwarded(&mode_case, &spec, "pseudo header with sum 0");
}

/*
 * While flows are untracked, replies without a flow are translated, but only those of nat services.
 */
static void replies_pass(void)
{
	static const char *const forwards[] = {"dsr", "ipip", "gue", "snat"};
	struct verdict verdict;

	env_add_service(&env, "pressure", 80, false, IPPROTO_UDP, "");
	instance_must_run(&env.instance, "backend add pressure 10.2.0.18:80");
	do {
		struct exchange exchange =
			env_exchange(&env, 80, false, IPPROTO_UDP, next_client++);

		exchange_send_request(&exchange, 0, &verdict);
		exchange_send_reply(&exchange, 0, &verdict);
		exchange_send_request(&exchange, 0, &verdict);
	} while (!verdict.increments.count[LB_UNTRACKED]);
	for (unsigned int i = 0; i < sizeof(forwards) / sizeof(forwards[0]); i++) {
		struct mode_case mode_case = {forwards[i], 81 + i, false, false, IPPROTO_UDP};
		struct packet_spec spec;
		struct packet packet;
		struct exchange exchange;
		char name[8];

		snprintf(name, sizeof(name), "s%u", mode_case.number);
		exchange = exchange_with(&mode_case);
		env_add_service(&env, name, mode_case.number, false, IPPROTO_UDP,
				"--source 172.20.0.1/32");
		instance_must_run(&env.instance, "service set %s --forward %s", name, forwards[i]);
		exchange.backend = env_backend_endpoint(false, 2, 12 + i);
		exchange.backend.port = 80;
		instance_must_run(&env.instance, "backend add %s %s", name,
				  endpoint_text(&exchange.backend));
		spec = exchange_reply(&exchange, 0);
		packet_build(&spec, &packet);
		instance_receive(&env.instance, env.testnet.back, &packet, &verdict);
		expect(&verdict, XDP_PASS, LB_REPLY_UNKNOWN, &packet,
		       "%s: a backend's reply passes under pressure", forwards[i]);
	}
}

int main(void)
{
	env_open(&env, "--max-flows 4096");
	every_case();
	sources_spread();
	changes_live();
	flow_states();
	unreachable();
	other_device();
	zero_pseudo_header();
	replies_pass();
	return tap_done();
}
