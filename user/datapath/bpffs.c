// SPDX-License-Identifier: GPL-2.0-only
#include "datapath/bpffs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_pin(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* Copies the entries' names. On failure, some of `names` are NULL. */
static int copy_names(struct dirent **entries, char **names, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count; i++) {
		names[i] = strdup(entries[i]->d_name);
		if (!names[i])
			error = -ENOMEM;
	}
	return error;
}

int pin_list(const char *directory, char ***names, size_t *count)
{
	struct dirent **entries;
	int found = scandir(directory, &entries, is_pin, alphasort), error;

	if (found < 0)
		return -errno;
	*count = found;
	*names = calloc(found + 1, sizeof(**names));
	error = *names ? copy_names(entries, *names, found) : -ENOMEM;
	for (int i = 0; i < found; i++)
		free(entries[i]);
	free(entries);
	if (error && *names)
		pin_free(*names, *count);
	return error;
}

void pin_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

int pin_remove_tree(const char *directory)
{
	char path[512];
	char **names;
	size_t count;
	int error = pin_list(directory, &names, &count);

	if (error)
		return error == -ENOENT ? 0 : error;
	for (size_t i = 0; i < count && !error; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		if (unlink(path) && (errno == EISDIR || errno == EPERM))
			error = pin_remove_tree(path);
		else if (!access(path, F_OK))
			error = -EBUSY;
	}
	pin_free(names, count);
	if (!error && rmdir(directory))
		error = -errno;
	return error;
}
