/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Splits a command line into argv without a shell: at blanks outside '...' and "...". Only the
 * quotes are removed.
 *
 * Pure: owns nothing.
 */
#ifndef BASE_ARGV_H
#define BASE_ARGV_H

/* Maximum number of words. */
#define ARGV_MAX 32

/*
 * Writes the words to `buffer`, which is as large as the command with its NUL; argv[] ends with
 * NULL. Returns the number of words; -EINVAL if there are too many, or a quote is not closed.
 */
int argv_split(const char *command, char *buffer, char *argv[ARGV_MAX + 1]);

#endif
