/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways in which packets leave the program, in words: include/lb/outcome.h has the list.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_OUTCOME_H
#define MODEL_OUTCOME_H

#include <linux/types.h>
#include <stdbool.h>

#include "lb/outcome.h"

const char *outcome_name(enum lb_outcome outcome);
const char *outcome_describe(enum lb_outcome outcome);

/* Was the packet dropped? */
bool outcome_is_drop(enum lb_outcome outcome);

/* "drop", "pass", "tx" ... of an XDP verdict. */
const char *verdict_name(__u8 verdict);

#endif
