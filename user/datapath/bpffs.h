/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Directories of pins: what is in one, and taking one away.
 */
#ifndef DATAPATH_BPFFS_H
#define DATAPATH_BPFFS_H

#include <dirent.h>
#include <stddef.h>

/*
 * Names in a directory, without "." and "..", sorted. The caller frees each and
 * the array, by pin_free(). Returns 0 or a negative errno.
 */
int pin_list(const char *directory, char ***names, size_t *count);
void pin_free(char **names, size_t count);

/* Removes a directory, its pins, and the directories of pins in it. Absent is fine. */
int pin_remove_tree(const char *directory);

#endif
