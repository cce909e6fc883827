// SPDX-License-Identifier: GPL-2.0-only
#include "model/stateless.h"

#include <netinet/in.h>
#include <string.h>

#include "model/scheduler.h"

#define ID_BITMAP_BYTES 8192

bool stateless_is_possible(const struct lb_service_config *service, bool is_limited)
{
	return scheduler_is_hash(service->scheduler) && service->forward >= LB_FORWARD_DSR &&
	       service->protocol == IPPROTO_TCP && service->persist == LB_PERSIST_FLOW &&
	       !service->load_factor_milli && !is_limited && !service->spill[0];
}

static void set_previous_mode(struct lb_slots *next, const struct lb_slots *from)
{
	next->previous_pick = from->pick;
	next->previous_forward = from->forward;
}

static void copy_previous(struct lb_slots *next, const struct lb_slots *current)
{
	next->previous_pick = current->previous_pick;
	next->previous_forward = current->previous_forward;
	memcpy(next->previous, current->previous, sizeof(next->previous));
}

/* Returns whether slots of both stand for the same flows, with the same forwarding mode. */
static bool is_same_mapping(const struct lb_slots *next, const struct lb_slots *current)
{
	return next->stateless && next->pick == current->pick &&
	       next->forward == current->forward && next->pick == next->previous_pick &&
	       next->forward == next->previous_forward;
}

/* After a stateless table: its owners have flows without entries. */
static void fill_from_stateless(struct lb_slots *next, const struct lb_slots *current)
{
	bool same;

	if (!next->previous_pick)
		set_previous_mode(next, current);
	if (current->pick != next->previous_pick)
		return; /* every slot has a previous owner already */
	same = is_same_mapping(next, current);
	for (__u32 slot = 0; slot < LB_SLOTS; slot++)
		if (!next->previous[slot] &&
		    (!same || current->backend[slot] != next->backend[slot]))
			next->previous[slot] = current->backend[slot];
}

static __u16 owner_or_none(const struct lb_slots *table, __u32 slot)
{
	return table->backend[slot] ? table->backend[slot] : LB_NO_PREVIOUS_OWNER;
}

/* After a table with flow entries: all slots have to look flows up. */
static void fill_from_tracked(struct lb_slots *next)
{
	if (!next->stateless)
		return;
	if (!next->previous_pick)
		set_previous_mode(next, next);
	for (__u32 slot = 0; slot < LB_SLOTS; slot++)
		if (!next->previous[slot])
			next->previous[slot] = owner_or_none(next, slot);
}

void stateless_fill_previous(struct lb_slots *next, const struct lb_slots *current,
			     bool is_in_transition)
{
	next->previous_pick = 0;
	next->previous_forward = 0;
	memset(next->previous, 0, sizeof(next->previous));
	if (!current)
		return;
	if (is_in_transition && current->previous_pick)
		copy_previous(next, current);
	if (current->stateless)
		fill_from_stateless(next, current);
	else
		fill_from_tracked(next);
}

void stateless_prune_previous(struct lb_slots *table, const struct slot_share *shares, size_t count)
{
	unsigned char known[ID_BITMAP_BYTES] = {0};

	for (size_t i = 0; i < count; i++)
		known[shares[i].backend / 8] |= 1U << shares[i].backend % 8;
	for (__u32 slot = 0; slot < LB_SLOTS; slot++) {
		__u16 id = table->previous[slot];

		if (id && !(known[id / 8] >> id % 8 & 1))
			table->previous[slot] = owner_or_none(table, slot);
	}
}
