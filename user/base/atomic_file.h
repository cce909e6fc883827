/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text files, read and written as a whole: who reads one that we write never sees half of it.
 */
#ifndef BASE_ATOMIC_FILE_H
#define BASE_ATOMIC_FILE_H

#include <stdio.h>

/* Longer ones are not read. */
#define ATOMIC_FILE_BYTES_MAX (16U << 20)

/* The text, which the caller frees; NULL with *why, in words, when there is none to be had. */
char *atomic_file_read(FILE *file, const char **why);

/* Replaces the file, or makes it, with mode 0644. 0 or a negative errno. */
int atomic_file_replace(const char *path, const char *text);

/* Could it, as far as can be told without doing it? */
int atomic_file_check(const char *path);

#endif
