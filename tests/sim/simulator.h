/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated world: clients, balancers and backends, from one event to the next. The
 * same scenario has the same story, always.
 */
#ifndef TEST_SIM_SIMULATOR_H
#define TEST_SIM_SIMULATOR_H

#include "results.h"

/* To be ended by results_free(). */
void sim_run(const struct scenario *scenario, struct results *results);

#endif
