// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <string.h>

#include "rig/flow_table_dump.h"

static const struct lb_flow *place(const struct balancer *balancer, unsigned long index)
{
	return &balancer->flows[index / LB_BUCKET_FLOWS].flow[index % LB_BUCKET_FLOWS];
}

struct memory_count memory_count(const struct balancer *balancer)
{
	struct memory_count count = {
		.places = (unsigned long)balancer->control->flow_buckets * LB_BUCKET_FLOWS,
	};

	for (unsigned long i = 0; i < count.places; i++) {
		const struct lb_flow *flow = place(balancer, i);

		if (!lb_flow_service(flow->key))
			continue;
		count.state[lb_flow_state(flow->data) % LB_FLOW_STATE_COUNT]++;
		count.total++;
	}
	return count;
}

static __u64 key_of(const struct balancer *balancer, const struct endpoint *client, __u16 service)
{
	__u32 ipv4;
	__u64 words[2];

	if (!endpoint_is_v6(client)) {
		memcpy(&ipv4, client->address.s6_addr + 12, sizeof(ipv4));
		return lb_flow_key4(ipv4, htons(client->port), service);
	}
	balancer_words(client, words);
	return lb_flow_key6(words, htons(client->port), service, balancer->control->seed);
}

bool memory_find(const struct balancer *balancer, const struct endpoint *client, __u16 service,
		 struct lb_flow *flow)
{
	unsigned long places = (unsigned long)balancer->control->flow_buckets * LB_BUCKET_FLOWS;
	__u64 key = key_of(balancer, client, service);

	for (unsigned long i = 0; i < places; i++) {
		if (place(balancer, i)->key != key)
			continue;
		*flow = *place(balancer, i);
		return true;
	}
	return false;
}
