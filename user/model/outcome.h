/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names and descriptions of packet outcomes (include/lb/outcome.h) and of XDP verdicts.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_OUTCOME_H
#define MODEL_OUTCOME_H

#include <linux/types.h>
#include <stdbool.h>

#include "lb/outcome.h"

/* "?" for an unknown outcome. */
const char *outcome_name(enum lb_outcome outcome);
const char *outcome_describe(enum lb_outcome outcome);

/* Returns whether the outcome means that the packet was dropped. */
bool outcome_is_drop(enum lb_outcome outcome);

/* "drop", "pass", "tx" ...; "?" for an unknown verdict. */
const char *verdict_name(__u8 verdict);

#endif
