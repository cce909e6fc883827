/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An inquiry: `lbctl explain` is asked about a packet, and what it says held against what it
 * should. Each asking is a case of the test as well: that no byte of any pinned map has
 * changed by it.
 */
#ifndef TEST_LIB_HARNESS_EXPLAIN_CHECK_H
#define TEST_LIB_HARNESS_EXPLAIN_CHECK_H

#include <stdbool.h>

#include "harness/instance.h"

/* Asks `lbctl -j explain ...`; the exit code. `text` says what about. */
__attribute__((format(printf, 3, 4))) int explain_check_run(const struct instance *instance,
							    const char *text, const char *format,
							    ...);

/* Of the last answer: has the field this value, as JSON writes it? Is this in it? */
bool explain_field_is(const char *field, const char *value);
bool explain_output_has(const char *text);

/* The same as cases of the test; a text in quotes, or any words. */
void explain_check_field(const char *field, const char *value);
void explain_check_text(const char *field, const char *text);
void explain_check_output(const char *words);

#endif
