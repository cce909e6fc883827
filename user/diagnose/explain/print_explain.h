/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints an explanation as text or JSON. */
#ifndef DIAGNOSE_EXPLAIN_PRINT_EXPLAIN_H
#define DIAGNOSE_EXPLAIN_PRINT_EXPLAIN_H

#include "base/output.h"

struct explanation;
struct explain_text;

void print_explanation(const struct output *out, const struct explanation *explanation,
		       const struct explain_text *text);

#endif
