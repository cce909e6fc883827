// SPDX-License-Identifier: GPL-2.0-only
/*
 * IP fragments: the first fragment has the ports and is balanced, the others follow it. Requests
 * and replies are compared byte by byte.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/process.h"
#include "harness/expect.h"
#include "harness/pins.h"
#include "harness/test_env.h"
#include "lb/fragment.h"
#include "packets/fragmenter.h"

#define FRAGMENT_BYTES 64U /* bytes, except the last fragment */
#define FRAGMENTS      3U
#define PAYLOAD	       150U

static struct env env;

static struct exchange new_exchange(bool v6, __u8 protocol)
{
	static __u32 client;

	return env_exchange(&env, env_service_number(protocol), v6, protocol, client++);
}

static struct ip_fragment ip_fragment(__u32 id, unsigned int number)
{
	return (struct ip_fragment){
		.id = id, .from = number * FRAGMENT_BYTES, .bytes = FRAGMENT_BYTES};
}

static void receive(unsigned int device, const struct packet_spec *spec, __u32 id,
		    unsigned int number, struct packet *packet, struct verdict *verdict)
{
	struct ip_fragment fragment = ip_fragment(id, number);

	ip_fragment_build(spec, &fragment, packet);
	instance_receive(&env.instance, device, packet, verdict);
}

/* A fragment of `spec` is received and must leave as the same fragment of `sent`. */
static void is_forwarded_as(unsigned int device, const struct packet_spec *spec,
			    const struct packet_spec *sent, __u32 id, unsigned int number,
			    enum lb_outcome outcome, const char *what)
{
	struct ip_fragment fragment = ip_fragment(id, number);
	struct packet packet, wanted;
	struct verdict verdict;

	receive(device, spec, id, number, &packet, &verdict);
	ip_fragment_build(sent, &fragment, &wanted);
	expect(&verdict, XDP_REDIRECT, outcome, &wanted, "%s: fragment %u is forwarded", what,
	       number + 1);
}

static void is_not_forwarded(unsigned int device, const struct packet_spec *spec, __u32 id,
			     unsigned int number, __u32 action, enum lb_outcome outcome,
			     const char *what)
{
	struct packet packet;
	struct verdict verdict;

	receive(device, spec, id, number, &packet, &verdict);
	expect(&verdict, action, outcome, &packet, "%s", what);
}

static void vary(struct packet_spec *spec, unsigned int variant)
{
	bool v6 = endpoint_is_v6(&spec->source);

	spec->payload = PAYLOAD;
	spec->tags = variant;
	spec->tag_type[0] = variant == 2 ? ETH_P_8021AD : ETH_P_8021Q;
	spec->tag_type[1] = ETH_P_8021Q;
	spec->option_bytes = variant && !v6 ? 8 : 0;
}

static void both_ways(bool v6, __u8 protocol, unsigned int variant)
{
	struct exchange exchange = new_exchange(v6, protocol);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN), sent;
	char what[64];

	exchange.backend = env_backend_endpoint(v6, 2, 11);
	vary(&spec, variant);
	sent = exchange_request_expected(&exchange, spec);
	snprintf(what, sizeof(what), "%s %s%s request", v6 ? "IPv6" : "IPv4",
		 protocol == IPPROTO_TCP ? "TCP" : "UDP", variant ? ", tagged, with options," : "");
	for (unsigned int i = 0; i < FRAGMENTS; i++)
		is_forwarded_as(env.testnet.front, &spec, &sent, 77, i, LB_FORWARDED, what);

	spec = exchange_reply(&exchange, TCP_SYN | TCP_ACK);
	vary(&spec, variant);
	sent = exchange_reply_expected(&exchange, spec);
	memcpy(what + strlen(what) - strlen("request"), "reply", sizeof("reply"));
	for (unsigned int i = 0; i < FRAGMENTS; i++)
		is_forwarded_as(env.testnet.back, &spec, &sent, 78, i, LB_REPLIED, what);
}

/* A UDP checksum of 0 means no checksum in fragments too. */
static void no_checksum(void)
{
	struct exchange exchange = new_exchange(false, IPPROTO_UDP);
	struct packet_spec spec = exchange_request(&exchange, 0), sent;

	exchange.backend = env_backend_endpoint(false, 2, 11);
	spec.payload = PAYLOAD;
	spec.no_checksum = true;
	sent = exchange_request_expected(&exchange, spec);
	for (unsigned int i = 0; i < FRAGMENTS; i++)
		is_forwarded_as(env.testnet.front, &spec, &sent, 5, i, LB_FORWARDED,
				"a request without checksum");
}

static void order_matters(bool v6)
{
	struct exchange exchange = new_exchange(v6, IPPROTO_UDP);
	struct packet_spec spec = exchange_request(&exchange, 0), sent;

	exchange.backend = env_backend_endpoint(v6, 2, 11);
	spec.payload = PAYLOAD;
	sent = exchange_request_expected(&exchange, spec);
	is_not_forwarded(env.testnet.front, &spec, 1, 1, XDP_DROP, LB_FRAGMENT_UNKNOWN,
			 "a fragment before the first one is dropped");
	is_forwarded_as(env.testnet.front, &spec, &sent, 1, 0, LB_FORWARDED,
			"a packet out of order");
	is_forwarded_as(env.testnet.front, &spec, &sent, 1, 2, LB_FORWARDED,
			"a packet out of order");
	is_forwarded_as(env.testnet.front, &spec, &sent, 1, 1, LB_FORWARDED,
			"a packet out of order");
	is_not_forwarded(env.testnet.front, &spec, 2, 1, XDP_DROP, LB_FRAGMENT_UNKNOWN,
			 "a fragment of the client's next packet is dropped");
	spec.ttl = 1;
	is_not_forwarded(env.testnet.front, &spec, 1, 1, XDP_DROP, LB_TTL_EXPIRED,
			 "a fragment with TTL 1 is dropped");
}

/* A packet that is not balanced passes with all of its fragments. */
static void others_pass(bool v6)
{
	struct exchange exchange = new_exchange(v6, IPPROTO_UDP);
	struct packet_spec spec = exchange_request(&exchange, 0);

	spec.payload = PAYLOAD;
	spec.destination.port = 9;
	is_not_forwarded(env.testnet.front, &spec, 3, 0, XDP_PASS, LB_PASSED,
			 "a first fragment to another port passes");
	is_not_forwarded(env.testnet.front, &spec, 3, 1, XDP_PASS, LB_FRAGMENT,
			 "its other fragments pass");
	spec = exchange_request(&exchange, 0);
	spec.payload = PAYLOAD;
	spec.protocol = IPPROTO_SCTP;
	is_not_forwarded(env.testnet.front, &spec, 4, 0, XDP_PASS, LB_FRAGMENT,
			 "a first fragment of SCTP passes");
	is_not_forwarded(env.testnet.front, &spec, 4, 1, XDP_PASS, LB_FRAGMENT,
			 "its other fragments pass");
	exchange.backend = env_backend_endpoint(v6, 2, 11);
	spec = exchange_reply(&exchange, 0);
	spec.payload = PAYLOAD;
	is_not_forwarded(env.testnet.back, &spec, 5, 0, XDP_PASS, LB_REPLY_UNKNOWN,
			 "the first fragment of an unknown reply passes");
	is_not_forwarded(env.testnet.back, &spec, 5, 1, XDP_PASS, LB_FRAGMENT,
			 "its other fragments pass");
}

/* Sends fragment `number` of a packet of each client. Returns how many were sent to the backend. */
static unsigned int count_forwarded(bool v6, __u32 first, unsigned int count, unsigned int number)
{
	unsigned int sent = 0;

	for (__u32 i = 0; i < count; i++) {
		struct exchange exchange = env_exchange(&env, 11, v6, IPPROTO_UDP, first + i);
		struct packet_spec spec = exchange_request(&exchange, 0);
		struct packet packet;
		struct verdict verdict;

		spec.payload = PAYLOAD;
		receive(env.testnet.front, &spec, 9, number, &packet, &verdict);
		sent += verdict.action == XDP_REDIRECT;
	}
	return sent;
}

/*
 * Many fragmented packets at the same time. In a flood, a packet is forwarded if its fragments
 * follow each other closely.
 */
static void many_packets(bool v6)
{
	is_int(count_forwarded(v6, 1000, 1000, 0), 1000, "1000 first fragments are forwarded");
	is_int(count_forwarded(v6, 1000, 1000, 1), 1000, "1000 second fragments follow them");
	count_forwarded(v6, 10000, 40000, 0);
	is_int(count_forwarded(v6, 1000, 100, 0), 100,
	       "after 40000 others, 100 first ones are forwarded");
	count_forwarded(v6, 100000, 1000, 0);
	is_int(count_forwarded(v6, 1000, 100, 1), 100, "after 1000 others, 100 second ones follow");
}

/* Makes all entries of the fragment table older by `ticks`. */
static void age_entries(unsigned int ticks)
{
	struct lb_fragments *table = malloc(sizeof(*table));
	int map = pins_open_map(env.instance.full_name, "fragments");
	const __u32 key = 0;

	if (!table || bpf_map_lookup_elem(map, &key, table))
		process_bail("cannot read the fragment table");
	for (unsigned int i = 0; i < LB_FRAGMENT_LINES * LB_LINE_FRAGMENTS; i++) {
		__u64 *entry = &table->entry[i / LB_LINE_FRAGMENTS][i % LB_LINE_FRAGMENTS];

		if (*entry)
			*entry = (*entry & ~0xfffULL) | ((*entry - ticks) & 0xfff);
	}
	if (bpf_map_update_elem(map, &key, table, BPF_ANY))
		process_bail("cannot write the fragment table");
	free(table);
}

static void entries_expire(void)
{
	struct exchange exchange = new_exchange(false, IPPROTO_UDP);
	struct packet_spec spec = exchange_request(&exchange, 0), sent;

	exchange.backend = env_backend_endpoint(false, 2, 11);
	spec.payload = PAYLOAD;
	sent = exchange_request_expected(&exchange, spec);
	is_forwarded_as(env.testnet.front, &spec, &sent, 6, 0, LB_FORWARDED, "a slow packet");
	age_entries(LB_FRAGMENT_TICKS / 2);
	is_forwarded_as(env.testnet.front, &spec, &sent, 6, 1, LB_FORWARDED,
			"a slow packet after 15 s");
	age_entries(LB_FRAGMENT_TICKS / 2);
	is_not_forwarded(env.testnet.front, &spec, 6, 2, XDP_DROP, LB_FRAGMENT_UNKNOWN,
			 "a fragment 30 s after the first is dropped");
}

/* A later fragment of a known packet, truncated in its IP header. */
static void truncated_header(void)
{
	struct exchange exchange = new_exchange(false, IPPROTO_UDP);
	struct packet_spec spec = exchange_request(&exchange, 0), sent;
	struct packet packet;
	struct verdict verdict;
	struct ip_fragment fragment = ip_fragment(9, 1);

	exchange.backend = env_backend_endpoint(false, 2, 11);
	spec.payload = PAYLOAD;
	spec.option_bytes = 40;
	sent = exchange_request_expected(&exchange, spec);
	is_forwarded_as(env.testnet.front, &spec, &sent, 9, 0, LB_FORWARDED,
			"a packet with options");
	ip_fragment_build(&spec, &fragment, &packet);
	packet.length = ETH_HLEN + 59;
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_MALFORMED, &packet,
	       "a fragment cut in its IP header is malformed");
}

int main(void)
{
	env_open(&env, "--max-flows 200000");
	for (unsigned int i = 0; i < ENV_KINDS; i++) {
		const struct env_kind *kind = env_add_kind(&env, i, "");

		for (unsigned int variant = 0; variant <= 2; variant++)
			both_ways(kind->v6, kind->protocol, variant);
	}
	no_checksum();
	for (int v6 = 0; v6 < 2; v6++) {
		order_matters(v6);
		others_pass(v6);
		many_packets(v6);
	}
	truncated_header();
	entries_expire();
	return tap_done();
}
