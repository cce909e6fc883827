// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <string.h>

#include "harness/flow_table_dump.h"

static const struct lb_flow *flow_at(const struct instance *instance, unsigned long index)
{
	return &instance->flows[index / LB_BUCKET_FLOWS].flow[index % LB_BUCKET_FLOWS];
}

struct flow_dump_count flow_dump_count(const struct instance *instance)
{
	struct flow_dump_count count = {
		.capacity = (unsigned long)instance->control->flow_buckets * LB_BUCKET_FLOWS,
	};

	for (unsigned long i = 0; i < count.capacity; i++) {
		const struct lb_flow *flow = flow_at(instance, i);

		if (!lb_flow_service(flow->key))
			continue;
		count.state[lb_flow_state(flow->data) % LB_FLOW_STATE_COUNT]++;
		count.total++;
	}
	return count;
}

static __u64 flow_key(const struct instance *instance, const struct endpoint *client, __u16 service)
{
	__u32 ipv4;
	__u64 words[2];

	if (!endpoint_is_v6(client)) {
		memcpy(&ipv4, client->address.s6_addr + 12, sizeof(ipv4));
		return lb_flow_key4(ipv4, htons(client->port), service);
	}
	instance_address_words(client, words);
	return lb_flow_key6(words, htons(client->port), service, instance->control->seed);
}

bool flow_dump_find(const struct instance *instance, const struct endpoint *client, __u16 service,
		    struct lb_flow *flow)
{
	unsigned long capacity = (unsigned long)instance->control->flow_buckets * LB_BUCKET_FLOWS;
	__u64 key = flow_key(instance, client, service);

	for (unsigned long i = 0; i < capacity; i++) {
		if (flow_at(instance, i)->key != key)
			continue;
		*flow = *flow_at(instance, i);
		return true;
	}
	return false;
}
