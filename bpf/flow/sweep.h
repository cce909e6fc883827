/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sweep: ends the count of idle flows, which send no packet that could end it.
 *
 * A kernel timer walks the flow table and the SNAT ports, a part at a time, and clears
 * LB_FLOW_COUNTED of flows that have expired. Nothing else of their entries changes: a flow that
 * continues is counted again.
 *
 * Userspace starts the timer when a service needs counts; it ends itself when none does. It belongs
 * to the map `sweeper`: while that is pinned, the timer needs no process.
 */
#ifndef BPF_FLOW_SWEEP_H
#define BPF_FLOW_SWEEP_H

#include "flow/flow_counts.h"

#define SWEEP_NS	10000000
#define SWEEP_BUCKETS	2048 /* at a time: takes some tens of microseconds */
#define CLOCK_MONOTONIC 1

struct sweeper {
	struct bpf_timer timer;
	__u32 bucket; /* where the next run continues */
	__u32 zero;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sweeper);
} sweeper SEC(".maps");

struct sweep_step {
	__u32 first;
	__u32 now; /* tick */
};

static __always_inline void sweep_entry(struct lb_flow *flow, __u32 now)
{
	__u64 data = *(volatile __u64 *)&flow->data;
	__u64 key = *(volatile __u64 *)&flow->key;
	__u64 uncounted = data & ~LB_FLOW_COUNTED;

	if (data == uncounted || (key && (key == LB_FLOW_BUSY || lb_flow_alive(data, now))))
		return;
	if (__sync_val_compare_and_swap(&flow->data, data, uncounted) == data)
		load_update(data, uncounted);
}

/* SNAT ports count as further buckets of the same size. Returns 1 after the last one, else 0. */
static __always_inline long sweep_snat(__u32 bucket, __u32 now)
{
	for (__u32 i = 0; i < LB_BUCKET_FLOWS; i++) {
		struct lb_snat_entry *port = snat_entry_get(bucket * LB_BUCKET_FLOWS + i);

		if (!port)
			return 1;
		sweep_entry(&port->flow, now);
	}
	return 0;
}

static long sweep_bucket(__u32 i, struct sweep_step *step)
{
	__u32 index = step->first + i;
	struct lb_bucket *bucket = bucket_get(index);

	if (!bucket)
		return sweep_snat(index - flow_buckets, step->now);
	for (i = 0; i < LB_BUCKET_FLOWS; i++)
		sweep_entry(&bucket->flow[i], step->now);
	return 0;
}

static int sweep(void *map, __u32 *key, struct sweeper *self)
{
	struct sweep_step step = {.first = self->bucket, .now = now() >> LB_TICK_SHIFT};

	(void)map, (void)key;
	bpf_loop(SWEEP_BUCKETS, sweep_bucket, &step, 0);
	self->bucket = step.first + SWEEP_BUCKETS;
	if (self->bucket >= flow_buckets + snat_port_count / LB_BUCKET_FLOWS)
		self->bucket = 0;
	if (*(volatile __u32 *)&control.counted)
		bpf_timer_start(&self->timer, SWEEP_NS, 0);
	return 0;
}

/* Starts the timer, or continues it with this program's code. Returns 0, or 1 on failure. */
SEC("syscall.sweep")
int start_sweep(void *context)
{
	struct sweeper *self = map_get(&sweeper, 0);

	(void)context;
	if (!self)
		return 1;
	bpf_timer_init(&self->timer, &sweeper, CLOCK_MONOTONIC); /* fails if that is done already */
	bpf_timer_set_callback(&self->timer, sweep);
	return bpf_timer_start(&self->timer, SWEEP_NS, 0) ? 1 : 0;
}

#endif
