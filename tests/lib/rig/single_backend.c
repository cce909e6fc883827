// SPDX-License-Identifier: GPL-2.0-only
#include "rig/single_backend.h"

#include <stdio.h>
#include <string.h>

void pool_open(struct pool *pool, struct stage *stage, const char *forward, bool v6, __u8 protocol,
	       const char *flags)
{
	static unsigned int number = 20;
	struct endpoint endpoint = stage_endpoint(v6, 2, 11);
	const char *source = strcmp(forward, "snat") ? "default" : v6 ? "fd02::1" : "10.2.0.1";
	char all[96];

	*pool = (struct pool){
		.stage = stage,
		.number = ++number,
		.v6 = v6,
		.protocol = protocol,
		.is_one_way = strcmp(forward, "nat") && strcmp(forward, "snat"),
	};
	snprintf(pool->what, sizeof(pool->what), "%s, IPv%u", forward, v6 ? 6 : 4);
	snprintf(pool->name, sizeof(pool->name), "s%u", number);
	snprintf(all, sizeof(all), "--forward %s --source %s %s", forward, source, flags);
	pool->service = stage_service(stage, pool->name, number, v6, protocol, all);
	endpoint.port = pool->is_one_way ? 80 : 8000 + number;
	balancer_do(&stage->balancer, "backend add %s %s", pool->name, endpoint_text(&endpoint));
	pool->backend = balancer_backend(&stage->balancer, pool->service, &endpoint);
}

void pool_begin(struct pool *pool)
{
	static __u32 client;

	pool->talk = stage_talk(pool->stage, pool->number, pool->v6, pool->protocol, client++);
	pool->sequence = pool->acknowledged = 0;
	pool_ask(pool, pool->protocol == IPPROTO_TCP ? TCP_SYN : 0, 0);
}

void pool_ask(struct pool *pool, __u8 flags, __u16 payload)
{
	struct frame frame = talk_request(&pool->talk, flags);
	struct packet packet;
	struct verdict verdict;

	frame.payload = payload;
	frame.sequence = pool->sequence;
	frame.acknowledged = pool->acknowledged;
	pool->sequence += payload;
	packet_build(&frame, &packet);
	balancer_receive(&pool->stage->balancer, pool->stage->rig.front, &packet, &verdict);
	packet_read(&verdict.packet, &pool->seen, &pool->talk.backend);
}

void pool_reply(struct pool *pool, __u8 flags, __u16 payload)
{
	struct frame frame = talk_reply(&pool->talk, flags);
	struct packet packet;
	struct verdict verdict;

	pool->acknowledged += payload;
	frame.destination = pool->seen;
	frame.payload = payload;
	packet_build(&frame, &packet);
	balancer_receive(&pool->stage->balancer, pool->stage->rig.back, &packet, &verdict);
}
