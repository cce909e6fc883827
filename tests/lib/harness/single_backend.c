// SPDX-License-Identifier: GPL-2.0-only
#include "harness/single_backend.h"

#include <stdio.h>
#include <string.h>

void single_open(struct single *single, struct env *env, const char *forward, bool v6,
		 __u8 protocol, const char *flags)
{
	static unsigned int number = 20;
	struct endpoint endpoint = env_backend_endpoint(v6, 2, 11);
	const char *source = strcmp(forward, "snat") ? "default" : v6 ? "fd02::1" : "10.2.0.1";
	char all_flags[96];

	*single = (struct single){
		.env = env,
		.number = ++number,
		.v6 = v6,
		.protocol = protocol,
		.is_one_way = strcmp(forward, "nat") && strcmp(forward, "snat"),
	};
	snprintf(single->what, sizeof(single->what), "%s, IPv%u", forward, v6 ? 6 : 4);
	snprintf(single->name, sizeof(single->name), "s%u", number);
	snprintf(all_flags, sizeof(all_flags), "--forward %s --source %s %s", forward, source,
		 flags);
	single->service = env_add_service(env, single->name, number, v6, protocol, all_flags);
	endpoint.port = single->is_one_way ? 80 : 8000 + number;
	instance_must_run(&env->instance, "backend add %s %s", single->name,
			  endpoint_text(&endpoint));
	single->backend = instance_backend_id(&env->instance, single->service, &endpoint);
}

void single_begin(struct single *single)
{
	static __u32 client;

	single->exchange =
		env_exchange(single->env, single->number, single->v6, single->protocol, client++);
	single->sequence = single->acknowledged = 0;
	single_send_request(single, single->protocol == IPPROTO_TCP ? TCP_SYN : 0, 0);
}

void single_send_request(struct single *single, __u8 flags, __u16 payload)
{
	struct packet_spec spec = exchange_request(&single->exchange, flags);
	struct packet packet;
	struct verdict verdict;

	spec.payload = payload;
	spec.sequence = single->sequence;
	spec.acknowledged = single->acknowledged;
	single->sequence += payload;
	packet_build(&spec, &packet);
	instance_receive(&single->env->instance, single->env->testnet.front, &packet, &verdict);
	packet_read(&verdict.packet, &single->client_seen, &single->exchange.backend);
}

void single_send_reply(struct single *single, __u8 flags, __u16 payload)
{
	struct packet_spec spec = exchange_reply(&single->exchange, flags);
	struct packet packet;
	struct verdict verdict;

	single->acknowledged += payload;
	spec.destination = single->client_seen;
	spec.payload = payload;
	packet_build(&spec, &packet);
	instance_receive(&single->env->instance, single->env->testnet.back, &packet, &verdict);
}

enum lb_flow_state single_flow_state(const struct single *single)
{
	struct lb_flow flow = {0};

	exchange_flow(&single->exchange, single->service, &flow);
	return lb_flow_state(flow.data);
}
