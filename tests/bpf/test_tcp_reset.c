// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections to a backend that left service are reset, if configured: the client gets a TCP RST,
 * compared byte by byte, and the flow entry is deleted.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/flow_table_dump.h"
#include "harness/pins.h"
#include "harness/test_env.h"
#include "packets/bytes.h"
#include "packets/checksum.h"

#define SEQUENCE     0x01020304U /* of every packet from packet_build() */
#define ACKNOWLEDGED 0x0a0b0c0dU

static struct env env;
static __u32 client = 1;

/*
 * Sets the sequence numbers of a TCP reset, and makes its headers and checksums those of the
 * datapath.
 */
static void finish_reset(struct packet *packet, const struct packet_spec *spec, __u32 sequence,
			 __u32 acknowledged)
{
	unsigned char *network = packet->bytes + packet_network(spec);
	unsigned char *tcp = packet->bytes + packet_transport(spec);
	bool v6 = endpoint_is_v6(&spec->source);
	__u32 sum = IPPROTO_TCP + 20;

	put_be32(tcp + 4, sequence);
	put_be32(tcp + 8, acknowledged);
	put_be16(tcp + 14, 0);
	put_be16(tcp + 16, 0);
	if (v6) {
		put_be32(network, 0x60000000);
	} else {
		network[1] = 0;
		put_be16(network + 4, 0);
		put_be16(network + 6, 0x4000);
		checksum_set_ipv4(network);
	}
	sum = checksum_add(sum, network + (v6 ? 8 : 12), v6 ? 32 : 8);
	put_be16(tcp + 16, checksum_field(checksum_add(sum, tcp, 20)));
}

/* Builds the reset that answers a request. */
static void build_reset(const struct packet_spec *request, struct packet *packet)
{
	struct packet_spec spec = packet_spec_reverse(request);
	__u32 consumed = request->payload + !!(request->flags & TCP_FIN);
	bool acknowledges = request->flags & TCP_ACK;

	spec.flags = acknowledges ? TCP_RST : TCP_RST | TCP_ACK;
	spec.ttl = 64;
	spec.option_bytes = 0;
	spec.payload = 0;
	packet_build(&spec, packet);
	finish_reset(packet, &spec, acknowledges ? ACKNOWLEDGED : 0,
		     acknowledges ? 0 : SEQUENCE + consumed);
}

/*
 * Sends a packet of an established flow after `backend maint --reset`. `variant`: its flags,
 * payload, options, TTL and tags.
 */
static void is_reset(unsigned int number, bool v6, const struct packet_spec *variant,
		     const char *what)
{
	struct exchange exchange = env_exchange(&env, number, v6, IPPROTO_TCP, client++);
	char name[16] = "web4", backend[64];
	struct packet_spec spec;
	struct packet packet, wanted;
	struct verdict verdict;
	struct lb_flow flow;
	__u16 service;

	if (v6)
		strcpy(name, "web6");
	service = instance_service_id(&env.instance, name);
	ok(exchange_establish(&exchange) && exchange_flow(&exchange, service, &flow),
	   "a connection is established");
	strcpy(backend, endpoint_text(&exchange.backend));
	instance_must_run(&env.instance, "backend maint %s %s --reset", name, backend);
	spec = exchange_request(&exchange, variant->flags);
	spec.payload = variant->payload;
	spec.option_bytes = variant->option_bytes;
	spec.ttl = variant->ttl;
	spec.tags = variant->tags;
	spec.tag_type[0] = 0x88a8;
	spec.tag_type[1] = 0x8100;
	spec.tag[0] = 0x2007;
	spec.tag[1] = 0x0123;
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	build_reset(&spec, &wanted);
	expect(&verdict, XDP_TX, LB_RESET, &wanted, "IPv%u: %s", v6 ? 6 : 4, what);
	is_int(exchange_flow(&exchange, service, &flow), 0, "the flow entry is deleted");
	instance_must_run(&env.instance, "backend ready %s %s", name, backend);
}

static void all_variants(unsigned int number, bool v6)
{
	const struct packet_spec data = {.flags = TCP_ACK, .payload = 400, .ttl = 64};
	const struct packet_spec empty = {.flags = TCP_ACK, .ttl = 64};
	const struct packet_spec end = {.flags = TCP_ACK | TCP_FIN, .payload = 5, .ttl = 64};
	const struct packet_spec odd = {.flags = TCP_FIN, .payload = 7, .ttl = 1};
	const struct packet_spec tagged = {.flags = TCP_ACK, .payload = 33, .ttl = 64, .tags = 1};
	const struct packet_spec twice = {.flags = TCP_ACK, .payload = 33, .ttl = 64, .tags = 2};
	const struct packet_spec options = {
		.flags = TCP_ACK, .payload = 9, .ttl = 64, .option_bytes = v6 ? 0 : 12};

	is_reset(number, v6, &data, "data is answered with a reset");
	is_reset(number, v6, &empty, "an ACK without data is answered with a reset");
	is_reset(number, v6, &end, "a FIN is answered with a reset");
	is_reset(number, v6, &odd, "a reset acknowledges data without ACK flag");
	is_reset(number, v6, &tagged, "a reset keeps a VLAN tag");
	is_reset(number, v6, &twice, "a reset keeps two VLAN tags");
	is_reset(number, v6, &options, "a reset has no IPv4 options");
}

/* A packet that begins or ends a connection is not answered with a reset. */
static void is_not_reset(__u8 flags, const char *what)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, client++);
	struct verdict verdict;
	struct endpoint first;

	exchange_establish(&exchange);
	first = exchange.backend;
	instance_must_run(&env.instance, "backend maint web4 %s --reset", endpoint_text(&first));
	ok(exchange_send_request(&exchange, flags, &verdict) &&
		   !endpoint_same(&first, &exchange.backend),
	   "%s", what);
	instance_must_run(&env.instance, "backend ready web4 %s", endpoint_text(&first));
}

static void udp_is_rescheduled(void)
{
	struct exchange exchange = env_exchange(&env, 12, false, IPPROTO_UDP, client++);
	struct verdict verdict;
	struct endpoint first;

	ok(exchange_send_request(&exchange, 0, &verdict), "a UDP request is forwarded");
	first = exchange.backend;
	instance_must_run(&env.instance, "backend maint udp %s --reset", endpoint_text(&first));
	ok(exchange_send_request(&exchange, 0, &verdict) &&
		   verdict.increments.count[LB_FORWARDED] == 1 &&
		   !endpoint_same(&first, &exchange.backend),
	   "UDP moves to another backend");
}

/* Sets the health that checks would set, in both snapshots of the configuration. */
static void set_health(__u16 id, enum lb_health health)
{
	struct lb_backend_config *config =
		pins_mmap_writable(env.instance.full_name, "backend_config");

	config[id].health = health;
	config[env.instance.control->max_backends + id].health = health;
}

static void down_backend(const char *setting, bool resets)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, client++);
	__u16 service = instance_service_id(&env.instance, "web4");
	struct verdict verdict;
	struct lb_flow flow;
	__u16 backend;

	exchange_establish(&exchange);
	backend = instance_backend_id(&env.instance, service, &exchange.backend);
	set_health(backend, LB_HEALTH_DOWN);
	instance_must_run(&env.instance,
			  "service set web4 --check tcp --reset-dead %s --timeout-new %us", setting,
			  10 + client);
	exchange_send_request(&exchange, TCP_ACK, &verdict);
	is_int(verdict.increments.count[LB_RESET], resets,
	       "--reset-dead %s, its backend is down: %s", setting, resets ? "reset" : "no reset");
	is_int(exchange_flow(&exchange, service, &flow), !resets, "its flow entry is %s",
	       resets ? "deleted" : "kept");
	set_health(backend, LB_HEALTH_UP);
	instance_must_run(&env.instance, "service set web4 --timeout-new %us", 100 + client);
}

/* Flows move to other backends after maint without --reset, even if --reset was given before. */
static void only_with_reset(void)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, client++);
	struct verdict verdict;
	struct endpoint first;

	exchange_establish(&exchange);
	first = exchange.backend;
	instance_must_run(&env.instance, "backend maint web4 %s --reset", endpoint_text(&first));
	instance_must_run(&env.instance, "backend maint web4 %s", endpoint_text(&first));
	ok(exchange_send_request(&exchange, TCP_ACK, &verdict) &&
		   !endpoint_same(&first, &exchange.backend),
	   "maint without --reset moves flows");
	instance_must_run(&env.instance, "backend ready web4 %s", endpoint_text(&first));
}

int main(void)
{
	env_open(&env, "--max-flows 65536");
	env_add_service(&env, "web4", 10, false, IPPROTO_TCP, "--scheduler rr");
	env_add_service(&env, "web6", 11, true, IPPROTO_TCP, "--scheduler rr");
	env_add_service(&env, "udp", 12, false, IPPROTO_UDP, "--scheduler rr");
	for (unsigned int host = 11; host <= 12; host++) {
		env_add_backend(&env, "web4", false, 2, host, "");
		env_add_backend(&env, "web6", true, 2, host, "");
		env_add_backend(&env, "udp", false, 2, host, "");
	}
	all_variants(10, false);
	all_variants(11, true);
	is_not_reset(TCP_SYN, "a SYN is sent to another backend");
	is_not_reset(TCP_RST, "a RST is not answered with a reset");
	udp_is_rescheduled();
	down_backend("off", false);
	down_backend("on", true);
	only_with_reset();
	return tap_done();
}
