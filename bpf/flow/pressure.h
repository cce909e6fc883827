/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pressure on the flow table: when new flows are not inserted, and when fingerprints are read
 * first.
 *
 * In a flood of new flows every entry is taken. To find that out for each packet costs more than
 * the rest of the packet's processing. So each CPU counts consecutive new flows that had to evict
 * another one, or found none to evict. After PRESSURE_THRESHOLD of them the CPU skips inserts: ever
 * more, down to one insert in 256 new flows, but at least one per tick. The first free entry ends
 * that. The backend of a flow that is not inserted is selected by hash, for each packet and each
 * reply.
 *
 * During a flood the flow's fingerprint is compared first, which saves the bucket's cold cache
 * line. Tracked flows pay for that. So it is limited to PRESSURE_FINGERPRINT_PACKETS packets after
 * each flow that was not inserted.
 */
#ifndef BPF_FLOW_PRESSURE_H
#define BPF_FLOW_PRESSURE_H

#include "core/maps.h"

#define PRESSURE_THRESHOLD	     16 /* consecutive failures before an insert is skipped */
#define PRESSURE_DOUBLINGS	     8
#define PRESSURE_FINGERPRINT_PACKETS 32 /* a cold line costs as much as 32 fingerprints */

/* True if fingerprints are to be compared before buckets are read. */
static __always_inline bool pressure_is_high(const struct lb_cpu *cpu)
{
	return cpu->pressure.fingerprint_first;
}

/* Like pressure_is_high(), and counts the packet: the pressure ends after a number of packets. */
static __always_inline bool pressure_fingerprint_first(struct lb_cpu *cpu)
{
	if (likely(!pressure_is_high(cpu)))
		return false;
	cpu->pressure.fingerprint_first--;
	return true;
}

/* True if a flow that is not in the table must not be inserted. */
static __always_inline bool pressure_skips_insert(struct lb_cpu *cpu, __u32 now)
{
	struct lb_pressure *pressure = &cpu->pressure;

	if (!pressure->skip || pressure->tick != now)
		return false;
	pressure->skip--;
	pressure->fingerprint_first = PRESSURE_FINGERPRINT_PACKETS;
	return true;
}

/* Counts an attempted insert, by whether there was a free entry. */
static __always_inline void pressure_update(struct lb_cpu *cpu, __u32 now, bool was_free)
{
	struct lb_pressure *pressure = &cpu->pressure;

	if (was_free)
		pressure->streak = 0;
	else if (pressure->streak < PRESSURE_THRESHOLD + PRESSURE_DOUBLINGS)
		pressure->streak++;
	pressure->tick = now;
	pressure->skip = pressure->streak > PRESSURE_THRESHOLD
				 ? 1 << (pressure->streak - PRESSURE_THRESHOLD)
				 : 0;
}

/* Records that a flow stays untracked: for LB_UNTRACKED_TICKS replies are matched by hash too. */
static __always_inline void pressure_note_untracked(__u32 now)
{
	if (*(volatile __u32 *)&control.untracked_tick != now)
		*(volatile __u32 *)&control.untracked_tick = now;
}

/* True if there may be replies of untracked flows. */
static __always_inline bool pressure_has_untracked(__u32 now)
{
	return now - *(volatile __u32 *)&control.untracked_tick < LB_UNTRACKED_TICKS;
}

#endif
