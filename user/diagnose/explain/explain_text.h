/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of an explanation: one sentence per step of the packet's way through the program. */
#ifndef DIAGNOSE_EXPLAIN_EXPLAIN_TEXT_H
#define DIAGNOSE_EXPLAIN_EXPLAIN_TEXT_H

#include <stddef.h>

#define EXPLAIN_STEPS_MAX  12
#define EXPLAIN_TEXT_BYTES 240

struct explanation;

struct explain_step {
	const char *name;
	char text[EXPLAIN_TEXT_BYTES];
};

struct explain_text {
	struct explain_step steps[EXPLAIN_STEPS_MAX];
	size_t count;
};

/* Fills in all steps of an explanation that explain_make() has completed. */
void explain_text_make(struct explain_text *text, const struct explanation *explanation);

#endif
