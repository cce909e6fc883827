/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs `lbctl explain` and checks its JSON output. Each run is also a test case: no byte of a
 * pinned map changes.
 */
#ifndef TEST_LIB_HARNESS_EXPLAIN_CHECK_H
#define TEST_LIB_HARNESS_EXPLAIN_CHECK_H

#include <stdbool.h>

#include "harness/instance.h"

/* Runs `lbctl -j explain ...` and returns its exit code. `text` names the packet in the case. */
__attribute__((format(printf, 3, 4))) int explain_check_run(const struct instance *instance,
							    const char *text, const char *format,
							    ...);

/* True if the last output has the field with this value, written as JSON, or contains the text. */
bool explain_field_is(const char *field, const char *value);
bool explain_output_has(const char *text);

/* The same as test cases: a value as JSON, a string, any part of the output. */
void explain_check_field(const char *field, const char *value);
void explain_check_text(const char *field, const char *text);
void explain_check_output(const char *words);

#endif
