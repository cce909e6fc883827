// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP errors about flows of services, translated in both directions: the inner packet is what the
 * receiver of the error had sent, and every checksum is valid.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/test_env.h"
#include "packets/icmp_builder.h"

#define UNREACHABLE4 3
#define EXCEEDED4    11
#define PARAMETER4   12
#define TOO_BIG6     2

#define ROUTER4 "203.0.113.9"
#define ROUTER6 "2001:db8:77::9"

static struct env env;

struct kind {
	__u8 type;
	__u8 code;
};

/* An established, tracked flow of a test service. */
static struct exchange tracked_flow(bool v6, __u8 protocol)
{
	static __u32 client;
	struct exchange exchange =
		env_exchange(&env, env_service_number(protocol), v6, protocol, client++);

	if (!exchange_establish(&exchange))
		ok(false, "a flow is established");
	return exchange;
}

/* From a router on the clients' side, about the backend's packet as it left. */
static struct icmp_error about_reply(const struct exchange *exchange, struct kind kind)
{
	bool v6 = endpoint_is_v6(&exchange->client);
	struct icmp_error icmp_error = {.outer = exchange_request(exchange, 0),
					.type = kind.type,
					.code = kind.code,
					.rest = 1400,
					.inner = exchange_reply(exchange, TCP_ACK)};

	icmp_error.outer.source = endpoint(v6 ? ROUTER6 : ROUTER4, 0);
	icmp_error.inner.source = exchange->service;
	icmp_error.inner.ttl = 59;
	return icmp_error;
}

/* As the backend must receive it. */
static struct icmp_error about_reply_expected(const struct exchange *exchange,
					      struct icmp_error icmp_error)
{
	icmp_error.outer = exchange_request_expected(exchange, icmp_error.outer);
	icmp_error.inner.source = exchange->backend;
	return icmp_error;
}

/* From `source` on the backends' side, about the client's packet as it left. */
static struct icmp_error about_request(const struct exchange *exchange, struct kind kind,
				       struct endpoint source)
{
	struct icmp_error icmp_error = {.outer = exchange_reply(exchange, 0),
					.type = kind.type,
					.code = kind.code,
					.rest = 1400,
					.inner = exchange_request(exchange, TCP_ACK)};

	icmp_error.outer.source = source;
	icmp_error.inner.destination = exchange->backend;
	icmp_error.inner.ttl = 60;
	return icmp_error;
}

static struct icmp_error about_request_expected(const struct exchange *exchange,
						struct icmp_error icmp_error)
{
	struct endpoint source = icmp_error.outer.source;

	icmp_error.outer = exchange_reply_expected(exchange, icmp_error.outer);
	if (memcmp(&source.address, &exchange->backend.address, sizeof(source.address)) != 0)
		icmp_error.outer.source = source;
	icmp_error.inner.destination = exchange->service;
	return icmp_error;
}

static void is_translated_to(struct icmp_error *icmp_error, struct icmp_error *wanted_error,
			     unsigned int device, const char *what)
{
	struct packet packet, expected;
	struct verdict verdict;

	icmp_error_build(icmp_error, &packet);
	icmp_error_build(wanted_error, &expected);
	instance_receive(&env.instance, device, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_ICMP_ERROR_RELAYED, &expected, "%s", what);
}

static void passes(struct icmp_error *icmp_error, unsigned int device, enum lb_outcome outcome,
		   const char *what)
{
	struct packet packet;
	struct verdict verdict;

	icmp_error_build(icmp_error, &packet);
	instance_receive(&env.instance, device, &packet, &verdict);
	expect(&verdict, XDP_PASS, outcome, &packet, "an ICMP error %s passes unchanged", what);
}

static void both_directions(const struct exchange *exchange, struct kind kind,
			    unsigned int inner_bytes, const char *what)
{
	bool v6 = endpoint_is_v6(&exchange->client);
	struct icmp_error icmp_error = about_reply(exchange, kind), wanted_error;
	char text[128];

	icmp_error.inner_bytes = inner_bytes;
	wanted_error = about_reply_expected(exchange, icmp_error);
	snprintf(text, sizeof(text), "%s, is sent to the backend", what);
	is_translated_to(&icmp_error, &wanted_error, env.testnet.front, text);

	icmp_error = about_request(exchange, kind, exchange->backend);
	icmp_error.inner_bytes = inner_bytes;
	wanted_error = about_request_expected(exchange, icmp_error);
	snprintf(text, sizeof(text), "%s, from the backend, is sent to the client", what);
	is_translated_to(&icmp_error, &wanted_error, env.testnet.back, text);

	icmp_error = about_request(exchange, kind, endpoint(v6 ? ROUTER6 : ROUTER4, 0));
	icmp_error.inner_bytes = inner_bytes;
	wanted_error = about_request_expected(exchange, icmp_error);
	snprintf(text, sizeof(text), "%s, from a router, is sent to the client", what);
	is_translated_to(&icmp_error, &wanted_error, env.testnet.back, text);
}

static void every_kind(bool v6, __u8 protocol)
{
	static const struct kind kinds4[] = {
		{UNREACHABLE4, 0},  {UNREACHABLE4, 1},	{UNREACHABLE4, 3}, {UNREACHABLE4, 4},
		{UNREACHABLE4, 13}, {UNREACHABLE4, 15}, {EXCEEDED4, 0},	   {PARAMETER4, 0}};
	static const struct kind kinds6[] = {{1, 0}, {1, 4}, {TOO_BIG6, 0}, {3, 0}, {4, 1}};
	unsigned int count =
		v6 ? sizeof(kinds6) / sizeof(kinds6[0]) : sizeof(kinds4) / sizeof(kinds4[0]);
	struct exchange exchange = tracked_flow(v6, protocol);
	char what[96];

	for (unsigned int i = 0; i < count; i++) {
		struct kind kind = v6 ? kinds6[i] : kinds4[i];

		snprintf(what, sizeof(what), "%s %s, type %u code %u", v6 ? "IPv6" : "IPv4",
			 protocol == IPPROTO_TCP ? "TCP" : "UDP", kind.type, kind.code);
		both_directions(&exchange, kind, 0, what);
	}
}

/*
 * Errors are translated with as little of the inner packet as its ports. The TCP checksum ends 18
 * bytes after the IP header. Half a checksum cannot be corrected.
 */
static void every_inner_length(bool v6, __u8 protocol)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	unsigned int header = v6 ? 40 : 20;
	struct exchange exchange = tracked_flow(v6, protocol);
	char what[96];

	for (unsigned int bytes = 8; bytes <= 20; bytes++) {
		if (bytes == 17)
			continue;
		snprintf(what, sizeof(what), "%s %s, %u inner bytes", v6 ? "IPv6" : "IPv4",
			 protocol == IPPROTO_TCP ? "TCP" : "UDP", bytes);
		both_directions(&exchange, kind, header + bytes, what);
	}
}

static void variants(bool v6)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	struct exchange exchange = tracked_flow(v6, IPPROTO_UDP);
	struct icmp_error icmp_error = about_reply(&exchange, kind), wanted_error;

	icmp_error.inner.no_checksum = true;
	wanted_error = about_reply_expected(&exchange, icmp_error);
	is_translated_to(&icmp_error, &wanted_error, env.testnet.front,
			 "an error about UDP without checksum is relayed");
	icmp_error = about_reply(&exchange, kind);
	icmp_error.outer.tags = 2;
	icmp_error.outer.tag_type[0] = ETH_P_8021AD;
	icmp_error.outer.tag_type[1] = ETH_P_8021Q;
	wanted_error = about_reply_expected(&exchange, icmp_error);
	is_translated_to(&icmp_error, &wanted_error, env.testnet.front,
			 "an error with two VLAN tags is relayed");
	if (v6)
		return;
	icmp_error = about_reply(&exchange, kind);
	icmp_error.outer.option_bytes = 8;
	icmp_error.inner.option_bytes = 12;
	wanted_error = about_reply_expected(&exchange, icmp_error);
	is_translated_to(&icmp_error, &wanted_error, env.testnet.front,
			 "an error with IPv4 options is relayed");
	icmp_error = about_reply(&exchange, kind);
	icmp_error.inner.fragment = 0x2000;
	wanted_error = about_reply_expected(&exchange, icmp_error);
	is_translated_to(&icmp_error, &wanted_error, env.testnet.front,
			 "an error about a first fragment is relayed");
	icmp_error.inner.fragment = 0x20b9;
	passes(&icmp_error, env.testnet.front, LB_NOT_TCP_UDP, "about a later fragment");
}

/* Bytes after the IP packet (padding) do not belong to it. */
static void padding_stays(void)
{
	struct exchange exchange = tracked_flow(false, IPPROTO_TCP);
	struct icmp_error icmp_error = about_reply(&exchange, (struct kind){EXCEEDED4, 0}),
			  wanted_error;
	struct packet packet, expected;
	struct verdict verdict;

	icmp_error.inner_bytes = 28;
	wanted_error = about_reply_expected(&exchange, icmp_error);
	icmp_error_build(&icmp_error, &packet);
	icmp_error_build(&wanted_error, &expected);
	memset(packet.bytes + packet.length, 0xa5, 16);
	memset(expected.bytes + expected.length, 0xa5, 16);
	packet.length += 16;
	expected.length += 16;
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_ICMP_ERROR_RELAYED, &expected,
	       "padding is forwarded unchanged");
}

static void others_pass(bool v6)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	struct exchange exchange = tracked_flow(v6, IPPROTO_TCP);
	struct icmp_error icmp_error = about_reply(&exchange, kind);

	icmp_error.inner.destination.port++;
	passes(&icmp_error, env.testnet.front, LB_ICMP_ERROR_UNKNOWN, "about an unknown flow");
	icmp_error = about_reply(&exchange, kind);
	icmp_error.inner.source.port = 81;
	passes(&icmp_error, env.testnet.front, LB_NOT_TCP_UDP, "about a port without a service");
	icmp_error = about_reply(&exchange, kind);
	icmp_error.inner.source.address.s6_addr[15]++;
	passes(&icmp_error, env.testnet.front, LB_NOT_TCP_UDP, "about a packet of another address");
	icmp_error = about_reply(&exchange, kind);
	icmp_error.inner.protocol = IPPROTO_SCTP;
	icmp_error.inner.payload = 64;
	passes(&icmp_error, env.testnet.front, LB_NOT_TCP_UDP, "about SCTP");
	icmp_error = about_reply(&exchange, (struct kind){v6 ? 137 : 5, 0});
	passes(&icmp_error, env.testnet.front, LB_NOT_TCP_UDP, "of type redirect");
	icmp_error = about_request(&exchange, kind, exchange.backend);
	icmp_error.outer.destination.port = icmp_error.inner.source.port = 9;
	passes(&icmp_error, env.testnet.back, LB_ICMP_ERROR_UNKNOWN, "to a client without a flow");
	icmp_error = about_request(&exchange, kind, exchange.backend);
	icmp_error.inner.destination.port = 9;
	passes(&icmp_error, env.testnet.back, LB_NOT_TCP_UDP, "about a port without a backend");
	icmp_error = about_request(&exchange, kind, endpoint(v6 ? ROUTER6 : ROUTER4, 0));
	icmp_error.inner.destination = endpoint(v6 ? "2001:db8:99::1" : "203.0.113.77", 80);
	passes(&icmp_error, env.testnet.back, LB_PASSED,
	       "from a router, about an unrelated packet");
}

static void ttl_expired(bool v6)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	struct exchange exchange = tracked_flow(v6, IPPROTO_TCP);
	struct icmp_error icmp_error = about_reply(&exchange, kind);
	struct packet packet;
	struct verdict verdict;

	icmp_error.outer.ttl = 1;
	icmp_error_build(&icmp_error, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	expect(&verdict, XDP_DROP, LB_TTL_EXPIRED, &verdict.packet,
	       "an error with TTL 1 is dropped");
}

/* A truncated error passes, if it still has the header of one. */
static void every_length(bool v6)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	struct exchange exchange = tracked_flow(v6, IPPROTO_UDP);
	struct icmp_error icmp_error = about_reply(&exchange, kind);
	unsigned int shortest = (v6 ? 40 + 40 : 20 + 20) + ICMP_HEADER_BYTES + 8 + ETH_HLEN,
		     wrong = 0;
	struct packet packet;
	struct verdict verdict;

	icmp_error_build(&icmp_error, &packet);
	for (packet.length = (v6 ? 40 : 20) + ETH_HLEN; packet.length < shortest; packet.length++) {
		instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
		wrong += verdict.action != XDP_PASS ||
			 verdict.increments.count[LB_NOT_TCP_UDP] != 1 ||
			 !packet_same(&verdict.packet, &packet);
	}
	is_int(wrong, 0, "IPv%c: every truncated error passes unchanged", v6 ? '6' : '4');
}

static void backend_in_maintenance(void)
{
	struct exchange exchange = tracked_flow(false, IPPROTO_TCP);
	struct icmp_error icmp_error = about_reply(&exchange, (struct kind){EXCEEDED4, 0});

	instance_must_run(&env.instance, "backend maint tcp4 10.2.0.11:8080");
	instance_must_run(&env.instance, "backend maint tcp4 10.2.0.12:8080");
	passes(&icmp_error, env.testnet.front, LB_ICMP_ERROR_UNKNOWN,
	       "about a flow without its backend");
	instance_must_run(&env.instance, "backend ready tcp4 10.2.0.11:8080");
	instance_must_run(&env.instance, "backend ready tcp4 10.2.0.12:8080");
}

/* With a hash scheduler, errors about untracked flows find the backend. */
static void by_hash(bool v6)
{
	const char *name = v6 ? "maglev6" : "maglev4";

	env_add_service(&env, name, 12, v6, IPPROTO_TCP, "--scheduler maglev");
	env_add_backend(&env, name, v6, 2, 11, "");
	env_add_backend(&env, name, v6, 2, 12, "");
	for (__u32 i = 0; i < 6; i++) {
		struct exchange exchange = env_exchange(&env, 12, v6, IPPROTO_TCP, 5000 + i);
		struct icmp_error icmp_error, wanted_error;
		struct packet packet;
		struct verdict first, verdict;

		exchange.backend = env_backend_endpoint(v6, 2, 11);
		icmp_error = about_reply(&exchange, (struct kind){v6 ? TOO_BIG6 : UNREACHABLE4, 0});
		icmp_error_build(&icmp_error, &packet);
		instance_receive(&env.instance, env.testnet.front, &packet, &first);
		exchange_send_request(&exchange, TCP_ACK, &verdict); /* shows the flow's backend */
		wanted_error = about_reply_expected(&exchange, icmp_error);
		icmp_error_build(&wanted_error, &packet);
		expect(&first, XDP_REDIRECT, LB_ICMP_ERROR_RELAYED, &packet,
		       "%s: the hash finds backend %s", name, endpoint_text(&exchange.backend));
	}
}

/* A flow that a full flow table does not track is assigned by hash, and errors about it too. */
static void untracked(bool v6)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	struct instance small;
	struct exchange exchange = {0};
	struct verdict verdict;

	instance_close(&env.instance);
	instance_open(&small, "front back --max-flows 8");
	env.instance = small;
	env_add_service(&env, "small", 10, v6, IPPROTO_TCP, "");
	env_add_backend(&env, "small", v6, 2, 11, "");
	env_add_backend(&env, "small", v6, 2, 12, "");
	for (__u32 i = 0; i < 8; i++) {
		exchange = env_exchange(&env, 10, v6, IPPROTO_TCP, i);
		exchange_establish(&exchange);
	}
	exchange = env_exchange(&env, 10, v6, IPPROTO_TCP, 8);
	ok(exchange_send_request(&exchange, TCP_SYN, &verdict) &&
		   verdict.increments.count[LB_UNTRACKED] == 1,
	   "a ninth flow is untracked with 8 entries");
	both_directions(&exchange, kind, 0, v6 ? "IPv6, untracked" : "IPv4, untracked");
}

int main(void)
{
	env_open(&env, "--max-flows 4096");
	for (unsigned int i = 0; i < ENV_KINDS; i++) {
		const struct env_kind *kind = env_add_kind(&env, i, "");

		env_add_backend(&env, kind->name, kind->v6, 2, 12, "");
		every_kind(kind->v6, kind->protocol);
		every_inner_length(kind->v6, kind->protocol);
	}
	for (int v6 = 0; v6 < 2; v6++) {
		variants(v6);
		others_pass(v6);
		ttl_expired(v6);
		every_length(v6);
		by_hash(v6);
	}
	padding_stays();
	backend_in_maintenance();
	untracked(false);
	untracked(true);
	return tap_done();
}
