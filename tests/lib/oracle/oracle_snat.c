// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle_snat.h"

#include <string.h>

#define SOURCES	    4
#define UNKNOWN_MAX 65536

/* Valid if written in the current epoch. */
struct record {
	unsigned int epoch;
	bool is_shared; /* hash collision: any flow may match */
	struct oracle_snat_flow flow;
};

static struct record known[SOURCES][65536];
static struct record unknown[UNKNOWN_MAX]; /* index: hash of the flow */
static unsigned int epoch = 1;

void oracle_snat_clear(void)
{
	epoch++;
}

static struct record *known_at(const struct endpoint *snat_source)
{
	unsigned int host = snat_source->address.s6_addr[15] & 1;

	return &known[2 * endpoint_is_v6(snat_source) + host][snat_source->port];
}

static struct record *unknown_at(const struct oracle_snat_flow *flow)
{
	const unsigned char *client = flow->client.address.s6_addr;
	__u32 hash = flow->protocol;

	for (unsigned int i = 0; i < 16; i++)
		hash = (hash ^ client[i] ^ flow->requested.address.s6_addr[i] << 8) * 0x01000193U;
	hash = (hash ^ flow->client.port) * 0x01000193U;
	hash = (hash ^ flow->requested.port) * 0x01000193U;
	return &unknown[(hash ^ hash >> 16) % UNKNOWN_MAX];
}

static bool matches(const struct record *record, const struct oracle_snat_flow *flow)
{
	return record->epoch == epoch && record->flow.protocol == flow->protocol &&
	       endpoint_same(&record->flow.client, &flow->client) &&
	       endpoint_same(&record->flow.requested, &flow->requested);
}

void oracle_snat_learn(const struct endpoint *snat_source, const struct oracle_snat_flow *flow)
{
	struct record *record = unknown_at(flow);

	*known_at(snat_source) = (struct record){epoch, false, *flow};
	if (matches(record, flow) && !record->is_shared)
		record->epoch = 0;
}

void oracle_snat_learn_unknown(const struct oracle_snat_flow *flow)
{
	struct record *record = unknown_at(flow);

	if (record->epoch == epoch && !matches(record, flow))
		record->is_shared = true;
	else if (record->epoch != epoch)
		*record = (struct record){epoch, false, *flow};
}

bool oracle_snat_allows(const struct endpoint *snat_source, const struct oracle_snat_flow *flow)
{
	const struct record *unknown_record = unknown_at(flow);

	return matches(known_at(snat_source), flow) || matches(unknown_record, flow) ||
	       (unknown_record->epoch == epoch && unknown_record->is_shared);
}
