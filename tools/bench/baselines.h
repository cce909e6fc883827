/* SPDX-License-Identifier: GPL-2.0-only */
/* Baselines: loads the programs of baseline.bpf.c and adds their measurements. */
#ifndef BENCH_BASELINES_H
#define BENCH_BASELINES_H

#include "measurement.h"

struct baseline;

/* Adds the baselines, and sets those that limits refer to (E and C). */
void baselines_add(struct measurements *measurements, const struct testnet *testnet);

/* The replay's own time, measured with a program that does nothing. */
struct measurement *baselines_overhead(struct measurements *measurements, bool v6,
				       enum replay_side side);

#endif
