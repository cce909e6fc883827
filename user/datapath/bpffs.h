/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pin directories in bpffs: lists and removes them.
 */
#ifndef DATAPATH_BPFFS_H
#define DATAPATH_BPFFS_H

#include <dirent.h>
#include <stddef.h>

/*
 * Lists the names in a directory, sorted, without "." and "..". Returns 0, and a list that the
 * caller frees with pin_free(), or a negative errno.
 */
int pin_list(const char *directory, char ***names, size_t *count);
void pin_free(char **names, size_t count);

/* Removes a directory with all pins and directories in it. 0 if there is none. */
int pin_remove_tree(const char *directory);

#endif
