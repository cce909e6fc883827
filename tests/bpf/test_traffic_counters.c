// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traffic counters per backend are exact to the byte. They count IP packets, without VLAN tags and
 * padding.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/test_env.h"

static struct env env;

static void traffic_is(const struct exchange *exchange, const char *service,
		       const struct lb_traffic *wanted)
{
	__u16 id = instance_backend_id(&env.instance, instance_service_id(&env.instance, service),
				       &exchange->backend);
	struct lb_traffic got = instance_traffic(&env.instance, id);

	is_int(got.packets, wanted->packets, "%s: packets are counted", service);
	is_int(got.bytes, wanted->bytes, "%s: bytes are counted", service);
	is_int(got.new_flows, wanted->new_flows, "%s: new flows are counted", service);
	is_int(got.reply_packets, wanted->reply_packets, "%s: packets of replies are counted",
	       service);
	is_int(got.reply_bytes, wanted->reply_bytes, "%s: bytes of replies are counted", service);
}

/*
 * Three requests of each of five clients and two replies, with payloads of 0 to 100 bytes and with
 * VLAN tags.
 */
static void traffic_is_counted(const char *service, bool v6, __u8 protocol)
{
	unsigned int headers = (v6 ? 40 : 20) + (protocol == IPPROTO_TCP ? 20 : 8);
	struct lb_traffic wanted = {0};
	struct exchange exchange;

	for (unsigned int i = 0; i < 25; i++) {
		bool reply = i % 5 > 2;
		struct packet_spec spec;
		struct packet packet;
		struct verdict verdict;

		exchange = env_exchange(&env, 10, v6, protocol, i / 5);
		exchange.backend = env_backend_endpoint(v6, 2, 11);
		spec = reply ? exchange_reply(&exchange, TCP_ACK)
			     : exchange_request(&exchange, TCP_ACK);
		spec.payload = 4 * i;
		spec.tags = i % 3;
		spec.tag_type[0] = spec.tag_type[1] = ETH_P_8021Q;
		packet_build(&spec, &packet);
		memset(packet.bytes + packet.length, 0, 6);
		packet.length += 6; /* Ethernet padding */
		instance_receive(&env.instance, reply ? env.testnet.back : env.testnet.front,
				 &packet, &verdict);
		*(reply ? &wanted.reply_packets : &wanted.packets) += 1;
		*(reply ? &wanted.reply_bytes : &wanted.bytes) += headers + spec.payload;
	}
	wanted.new_flows = 5;
	traffic_is(&exchange, service, &wanted);
}

/* Packets that are not sent to a backend are not counted as its traffic. */
static void dropped_is_not_counted(void)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 1000);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
	struct endpoint backend = env_backend_endpoint(false, 2, 11);
	__u16 id = instance_backend_id(&env.instance, instance_service_id(&env.instance, "tcp"),
				       &backend);
	struct lb_traffic before = instance_traffic(&env.instance, id), after;
	struct packet packet;
	struct verdict verdict;

	spec.ttl = 1;
	packet_build(&spec, &packet);
	instance_receive(&env.instance, env.testnet.front, &packet, &verdict);
	after = instance_traffic(&env.instance, id);
	ok(memcmp(&before, &after, sizeof(after)) == 0, "a dropped packet is not counted");
}

int main(void)
{
	static const struct {
		const char *name;
		bool v6;
		__u8 protocol;
	} services[] = {{"tcp", false, IPPROTO_TCP},
			{"udp", false, IPPROTO_UDP},
			{"tcp6", true, IPPROTO_TCP},
			{"udp6", true, IPPROTO_UDP}};

	env_open(&env, "--max-flows 4096");
	for (unsigned int i = 0; i < 4; i++) {
		env_add_service(&env, services[i].name, 10, services[i].v6, services[i].protocol,
				"");
		env_add_backend(&env, services[i].name, services[i].v6, 2, 11, "");
		traffic_is_counted(services[i].name, services[i].v6, services[i].protocol);
	}
	dropped_is_not_counted();
	return tap_done();
}
