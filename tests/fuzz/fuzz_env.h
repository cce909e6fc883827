/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The world of the program that is built for this machine: its tables, filled by the
 * code that lbctl publishes a configuration with, from the cast (tests/lib/random/fixture_config.h).
 */
#ifndef TEST_FUZZ_FUZZ_ENV_H
#define TEST_FUZZ_FUZZ_ENV_H

#include "lb/abi.h"

/* Makes the tables; once. */
void fuzz_env_open(void);

/* Puts everything that packets change back to what it was, and the clock too. */
void fuzz_env_reset(void);

/* Sums over all CPUs. */
struct lb_outcomes fuzz_env_outcomes(void);

#endif
