/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is it worth looking for room? In a flood of new flows every place is taken, and
 * to find that out for each packet anew costs more than all the rest of it.
 *
 * Each CPU counts how often in a row it had to push somebody out, or found nobody
 * to push. After a few times it looks only now and then, ever more seldom down to
 * one in 256, and at least once a tick; the first place that was free lets it look
 * for every flow again. Flows that are turned away go by hash, each packet anew, and
 * so do their replies.
 *
 * In a flood a flow's fingerprint is asked first, which saves its bucket's cold cache
 * line. To known flows that is a loss: they pay it only while strangers are many, for a
 * few packets after each that was turned away.
 */
#ifndef BPF_FLOW_PRESSURE_H
#define BPF_FLOW_PRESSURE_H

#include "packet/packet.h"

#define CROWD_PATIENCE	16 /* failures in a row before any flow is turned away */
#define CROWD_DOUBLINGS 8
#define CROWD_WARY	32 /* packets; a fingerprint costs so much less than a cold line */

/* Is it likely enough that the memory does not know this packet's flow? */
static __always_inline bool crowd_is_wary(const struct packet *packet)
{
	struct lb_crowd *crowd = &packet->cpu->crowd;

	if (likely(!crowd->wary))
		return false;
	crowd->wary--;
	return true;
}

/* Is this flow, which the memory does not know, turned away? */
static __always_inline bool crowd_turns_away(const struct packet *packet)
{
	struct lb_crowd *crowd = &packet->cpu->crowd;

	if (!crowd->skip || crowd->tick != packet->now)
		return false;
	crowd->skip--;
	crowd->wary = CROWD_WARY;
	return true;
}

/* A flow looked for room. */
static __always_inline void crowd_note(const struct packet *packet, bool was_free)
{
	struct lb_crowd *crowd = &packet->cpu->crowd;

	if (was_free)
		crowd->streak = 0;
	else if (crowd->streak < CROWD_PATIENCE + CROWD_DOUBLINGS)
		crowd->streak++;
	crowd->tick = packet->now;
	crowd->skip = crowd->streak > CROWD_PATIENCE ? 1 << (crowd->streak - CROWD_PATIENCE) : 0;
}

/* A flow goes unremembered: for a while, replies of such flows are to be expected. */
static __always_inline void crowd_note_stranger(const struct packet *packet)
{
	if (*(volatile __u32 *)&control.crowded != packet->now)
		*(volatile __u32 *)&control.crowded = packet->now;
}

static __always_inline bool crowd_has_strangers(const struct packet *packet)
{
	return packet->now - *(volatile __u32 *)&control.crowded < LB_CROWD_TICKS;
}

#endif
