/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flow clock: the coarse clock that flow entries expire by.
 *
 * One tick is 2^LB_TICK_SHIFT ns. The kernel's timer interrupt drives the datapath's clock,
 * and lb_control.clock_offset_ns is its distance from CLOCK_MONOTONIC.
 */
#ifndef STORE_FLOW_CLOCK_H
#define STORE_FLOW_CLOCK_H

#include <linux/types.h>

struct store;

/* The current tick. It wraps around. */
__u32 flow_clock_now(const struct store *store);

#endif
