// SPDX-License-Identifier: GPL-2.0-only
#include "model/stateless.h"

#include <netinet/in.h>
#include <string.h>

#include "model/scheduler.h"

#define ID_BYTES 8192

bool steady_applies(const struct lb_service_config *service, bool is_limited)
{
	return scheduler_hashes(service->scheduler) && service->forward >= LB_FORWARD_DSR &&
	       service->protocol == IPPROTO_TCP && service->persist == LB_PERSIST_FLOW &&
	       !service->load_factor_milli && !is_limited && !service->spill[0];
}

static void begin_with(struct lb_slots *next, const struct lb_slots *like)
{
	next->before_pick = like->pick;
	next->before_forward = like->forward;
}

static void inherit(struct lb_slots *next, const struct lb_slots *present)
{
	next->before_pick = present->before_pick;
	next->before_forward = present->before_forward;
	memcpy(next->before, present->before, sizeof(next->before));
}

/* Do slots of both mean the same flows, which reach their backends in the same way? */
static bool goes_on(const struct lb_slots *next, const struct lb_slots *present)
{
	return next->steady && next->pick == present->pick && next->forward == present->forward &&
	       next->pick == next->before_pick && next->forward == next->before_forward;
}

/* From a steady table: its owners have flows that nobody remembers. */
static void follow_steady(struct lb_slots *next, const struct lb_slots *present)
{
	bool same;

	if (!next->before_pick)
		begin_with(next, present);
	if (present->pick != next->before_pick)
		return; /* that all slots have somebody before it has seen to */
	same = goes_on(next, present);
	for (__u32 slot = 0; slot < LB_SLOTS; slot++)
		if (!next->before[slot] && (!same || present->backend[slot] != next->backend[slot]))
			next->before[slot] = present->backend[slot];
}

static __u16 owner_or_nobody(const struct lb_slots *table, __u32 slot)
{
	return table->backend[slot] ? table->backend[slot] : LB_NOBODY_BEFORE;
}

/* From one whose flows are in memory: all slots are to ask there. */
static void follow_remembering(struct lb_slots *next)
{
	if (!next->steady)
		return;
	if (!next->before_pick)
		begin_with(next, next);
	for (__u32 slot = 0; slot < LB_SLOTS; slot++)
		if (!next->before[slot])
			next->before[slot] = owner_or_nobody(next, slot);
}

void steady_follow(struct lb_slots *next, const struct lb_slots *present, bool is_asked)
{
	next->before_pick = 0;
	next->before_forward = 0;
	memset(next->before, 0, sizeof(next->before));
	if (!present)
		return;
	if (is_asked && present->before_pick)
		inherit(next, present);
	if (present->steady)
		follow_steady(next, present);
	else
		follow_remembering(next);
}

void steady_keep(struct lb_slots *table, const struct slots_share *shares, size_t count)
{
	unsigned char known[ID_BYTES] = {0};

	for (size_t i = 0; i < count; i++)
		known[shares[i].backend / 8] |= 1U << shares[i].backend % 8;
	for (__u32 slot = 0; slot < LB_SLOTS; slot++) {
		__u16 id = table->before[slot];

		if (id && !(known[id / 8] >> id % 8 & 1))
			table->before[slot] = owner_or_nobody(table, slot);
	}
}
