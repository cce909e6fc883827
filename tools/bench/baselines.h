/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floors: the programs of baseline.bpf.c, loaded and provided with what they need.
 */
#ifndef BENCH_BASELINES_H
#define BENCH_BASELINES_H

#include "measurement.h"

struct baseline;

/* Adds the floors, and names the two that limits are made of. */
void baselines_add(struct measurements *measurements, const struct testnet *testnet);

/* What to subtract from a replay's time: the same replay of nothing. */
struct measurement *baselines_overhead(struct measurements *measurements, bool v6,
				       enum replay_side side);

#endif
