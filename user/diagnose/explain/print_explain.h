/* SPDX-License-Identifier: GPL-2.0-only */
/* An explanation, as text and as JSON. */
#ifndef DIAGNOSE_EXPLAIN_PRINT_EXPLAIN_H
#define DIAGNOSE_EXPLAIN_PRINT_EXPLAIN_H

#include "base/output.h"

struct explanation;

void print_explanation(const struct output *out, const struct explanation *explanation);

#endif
