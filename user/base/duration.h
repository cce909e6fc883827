/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Durations as operators write them: a number and its unit, "250ms", "1.5s",
 * "5m", "2h", "1d". Held in whole milliseconds.
 *
 * Pure: owns nothing.
 */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <linux/types.h>
#include <stddef.h>

/* Room for any duration, with the terminating NUL. */
#define DURATION_TEXT_BYTES 24

/*
 * Returns 0; -EINVAL when the text is no number with a unit; -ERANGE when it is
 * too long to be held, or no whole number of milliseconds. `ms` is untouched on
 * failure.
 */
int duration_parse(const char *text, __u64 *ms);

/* In the largest unit that holds it as a whole number: "90s", "2m", "1500ms". */
void duration_format(__u64 ms, char *text, size_t size);

#endif
