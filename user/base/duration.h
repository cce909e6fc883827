/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Durations: a number with a unit, "250ms", "1.5s", "5m", "2h", "1d", in whole milliseconds.
 *
 * Pure: owns nothing.
 */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <linux/types.h>
#include <stddef.h>

/* Size of any duration, with the terminating NUL. */
#define DURATION_TEXT_BYTES 24

/*
 * Returns 0; -EINVAL if the text is not a number with a unit; -ERANGE if the duration does not
 * fit, or is not a whole number of milliseconds. *ms is untouched on failure.
 */
int duration_parse(const char *text, __u64 *ms);

/* Uses the largest unit that gives a whole number: "90s", "2m", "1500ms". */
void duration_format(__u64 ms, char *text, size_t size);

#endif
