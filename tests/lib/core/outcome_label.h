/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of packet outcomes, for diagnostics.
 */
#ifndef TEST_LIB_CORE_OUTCOME_LABEL_H
#define TEST_LIB_CORE_OUTCOME_LABEL_H

#include "lb/outcome.h"

/* Returns the name as in `lbctl status`; "several or none" for LB_OUTCOME_COUNT. */
const char *outcome_label(enum lb_outcome outcome);

#endif
