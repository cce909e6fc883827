/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Discrete-event simulator of clients, balancers and backends. The same scenario always has the
 * same results.
 */
#ifndef TEST_SIM_SIMULATOR_H
#define TEST_SIM_SIMULATOR_H

#include "results.h"

/* Fills `results`, which the caller releases with results_release(). */
void simulator_run(const struct scenario *scenario, struct results *results);

#endif
