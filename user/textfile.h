/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text files that others read while we write: there is always a whole one.
 */
#ifndef TEXTFILE_H
#define TEXTFILE_H

/* Replaces the file, or makes it, with mode 0644. 0 or a negative errno. */
int textfile_replace(const char *path, const char *text);

/* Could it, as far as can be told without doing it? */
int textfile_look(const char *path);

#endif
