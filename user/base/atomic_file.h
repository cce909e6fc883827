/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text files, read and written as a whole. A file is replaced atomically: a reader sees the
 * old text or the new one, and so does a reader after a crash.
 */
#ifndef BASE_ATOMIC_FILE_H
#define BASE_ATOMIC_FILE_H

#include <stdio.h>

/* Longer files are not read. */
#define ATOMIC_FILE_BYTES_MAX (16U << 20)

/* Returns the text, which the caller frees; NULL with *why, the reason in words. */
char *atomic_file_read(FILE *file, const char **why);

/*
 * Replaces or creates the file, with mode 0644. Returns 0 or a negative errno: -ENAMETOOLONG
 * if there is no room for the name of a temporary file. On failure the old file is in place,
 * except if the directory cannot be synced: then the new one is.
 */
int atomic_file_replace(const char *path, const char *text);

/* Returns the error that atomic_file_replace() would return, as far as it can be foreseen. */
int atomic_file_check(const char *path);

#endif
