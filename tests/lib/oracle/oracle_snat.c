// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle_snat.h"

#include <string.h>

#define ADDRESSES 4
#define UNSEEN	  65536

/* Holds only if it was written since everything was last forgotten. */
struct memory {
	unsigned int since;
	bool is_shared; /* by several, which are not told apart any more */
	struct recalled flow;
};

static struct memory seen[ADDRESSES][65536];
static struct memory unseen[UNSEEN]; /* by hash */
static unsigned int since = 1;

void recall_nothing(void)
{
	since++;
}

static struct memory *seen_at(const struct endpoint *place)
{
	unsigned int host = place->address.s6_addr[15] & 1;

	return &seen[2 * endpoint_is_v6(place) + host][place->port];
}

static struct memory *unseen_at(const struct recalled *flow)
{
	const unsigned char *client = flow->client.address.s6_addr;
	__u32 hash = flow->protocol;

	for (unsigned int i = 0; i < 16; i++)
		hash = (hash ^ client[i] ^ flow->asked.address.s6_addr[i] << 8) * 0x01000193U;
	hash = (hash ^ flow->client.port) * 0x01000193U;
	hash = (hash ^ flow->asked.port) * 0x01000193U;
	return &unseen[(hash ^ hash >> 16) % UNSEEN];
}

static bool is_of(const struct memory *memory, const struct recalled *flow)
{
	return memory->since == since && memory->flow.protocol == flow->protocol &&
	       endpoint_same(&memory->flow.client, &flow->client) &&
	       endpoint_same(&memory->flow.asked, &flow->asked);
}

void recall_seen(const struct endpoint *place, const struct recalled *flow)
{
	struct memory *memory = unseen_at(flow);

	*seen_at(place) = (struct memory){since, false, *flow};
	if (is_of(memory, flow) && !memory->is_shared)
		memory->since = 0;
}

void recall_unseen(const struct recalled *flow)
{
	struct memory *memory = unseen_at(flow);

	if (memory->since == since && !is_of(memory, flow))
		memory->is_shared = true;
	else if (memory->since != since)
		*memory = (struct memory){since, false, *flow};
}

bool recall_allows(const struct endpoint *place, const struct recalled *flow)
{
	const struct memory *hidden = unseen_at(flow);

	return is_of(seen_at(place), flow) || is_of(hidden, flow) ||
	       (hidden->since == since && hidden->is_shared);
}
