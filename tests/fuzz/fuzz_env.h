/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The environment of the natively built program: its tables, filled by lbctl's own publishing code
 * from the fixture (tests/lib/random/fixture_config.h).
 */
#ifndef TEST_FUZZ_FUZZ_ENV_H
#define TEST_FUZZ_FUZZ_ENV_H

#include "lb/abi.h"

/* Creates the tables. Called once. */
void fuzz_env_open(void);

/* Resets everything that packets change, and the clock. */
void fuzz_env_reset(void);

/* Returns the outcome counters, summed over all CPUs. */
struct lb_outcomes fuzz_env_outcomes(void);

#endif
