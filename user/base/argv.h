/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words of a command that is run without a shell: parted by blanks, but not within '...'
 * or "...", of which nothing but the quotes is taken away.
 *
 * Pure: owns nothing.
 */
#ifndef BASE_ARGV_H
#define BASE_ARGV_H

/* So many may a command have. */
#define ARGV_MAX 32

/*
 * The words are written to `room`, which is as large as the command with its NUL; `words` ends
 * with NULL. Returns how many they are; -EINVAL when they are too many, or a quote is not closed.
 */
int argv_split(const char *command, char *buffer, char *argv[ARGV_MAX + 1]);

#endif
