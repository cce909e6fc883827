/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of the datapath: per CPU, summed here over all CPUs. Also other state that the
 * datapath keeps per CPU, and the start of the sweep.
 */
#ifndef STORE_COUNTERS_H
#define STORE_COUNTERS_H

#include "lb/abi.h"

struct store;

struct lb_traffic store_traffic(const struct store *store, __u32 backend);
struct lb_outcomes store_outcomes(const struct store *store);

/* Starts a backend's counters at 0. No packet may use the id yet. */
void store_traffic_reset(const struct store *store, __u32 backend);

/* The flow table has room again: all CPUs insert new flows at once. */
void store_pressure_reset(const struct store *store);

/*
 * Starts the sweep (bpf/flow/sweep.h), the kernel timer that expires counted flows. If it
 * runs already, it goes on with the pinned program's code. Returns 0, -EBUSY if the program
 * could not start it, or another negative errno.
 */
int store_sweep_start(const struct store *store);

#endif
