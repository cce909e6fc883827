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

#define PRESSURE_THRESHOLD 16 /* failures in a row before any flow is turned away */
#define PRESSURE_DOUBLINGS 8
#define PRESSURE_FINGERPRINT_PACKETS \
	32 /* packets; a fingerprint costs so much less than a cold line */

/* Is it likely enough that the memory does not know this packet's flow? */
static __always_inline bool pressure_fingerprint_first(const struct packet *packet)
{
	struct lb_pressure *pressure = &packet->cpu->pressure;

	if (likely(!pressure->fingerprint_first))
		return false;
	pressure->fingerprint_first--;
	return true;
}

/* Is this flow, which the memory does not know, turned away? */
static __always_inline bool pressure_skips_insert(const struct packet *packet)
{
	struct lb_pressure *pressure = &packet->cpu->pressure;

	if (!pressure->skip || pressure->tick != packet->now)
		return false;
	pressure->skip--;
	pressure->fingerprint_first = PRESSURE_FINGERPRINT_PACKETS;
	return true;
}

/* A flow looked for room. */
static __always_inline void pressure_update(const struct packet *packet, bool was_free)
{
	struct lb_pressure *pressure = &packet->cpu->pressure;

	if (was_free)
		pressure->streak = 0;
	else if (pressure->streak < PRESSURE_THRESHOLD + PRESSURE_DOUBLINGS)
		pressure->streak++;
	pressure->tick = packet->now;
	pressure->skip = pressure->streak > PRESSURE_THRESHOLD
				 ? 1 << (pressure->streak - PRESSURE_THRESHOLD)
				 : 0;
}

/* A flow goes untracked: for a while, replies of such flows are to be expected. */
static __always_inline void pressure_note_untracked(const struct packet *packet)
{
	if (*(volatile __u32 *)&control.untracked_tick != packet->now)
		*(volatile __u32 *)&control.untracked_tick = packet->now;
}

static __always_inline bool pressure_has_untracked(const struct packet *packet)
{
	return packet->now - *(volatile __u32 *)&control.untracked_tick < LB_UNTRACKED_TICKS;
}

#endif
