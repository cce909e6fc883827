// SPDX-License-Identifier: GPL-2.0-only
#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The whole file and a NUL, unless that is too much; the caller frees it. */
static char *read_all(FILE *file, size_t *bytes)
{
	char *text = NULL;

	*bytes = 0;
	for (size_t capacity = 65536; capacity <= 2 * (size_t)ATOMIC_FILE_BYTES_MAX;
	     capacity *= 2) {
		char *more = realloc(text, capacity + 1);

		if (!more)
			break;
		text = more;
		*bytes += fread(text + *bytes, 1, capacity - *bytes, file);
		text[*bytes] = '\0';
		if (*bytes < capacity)
			return text;
	}
	free(text);
	return NULL;
}

static const char *check_text(FILE *file, const char *text, size_t bytes)
{
	if (ferror(file))
		return strerror(errno);
	if (!text || bytes > ATOMIC_FILE_BYTES_MAX)
		return "too large";
	return strlen(text) < bytes ? "not a text" : NULL;
}

char *atomic_file_read(FILE *file, const char **why)
{
	size_t bytes;
	char *text = read_all(file, &bytes);

	*why = check_text(file, text, bytes);
	if (!*why)
		return text;
	free(text);
	return NULL;
}

static int write_all(int fd, const char *text)
{
	size_t length = strlen(text);

	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0)
			return -errno;
		text += written;
		length -= written;
	}
	return fchmod(fd, 0644) || fsync(fd) ? -errno : 0;
}

int atomic_file_replace(const char *path, const char *text)
{
	char temp_path[PATH_MAX];
	int fd, error;

	if (snprintf(temp_path, sizeof(temp_path), "%s.XXXXXX", path) >= (int)sizeof(temp_path))
		return -ENAMETOOLONG;
	fd = mkostemp(temp_path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = write_all(fd, text);
	close(fd);
	if (!error && rename(temp_path, path))
		error = -errno;
	if (error)
		unlink(temp_path);
	return error;
}

int atomic_file_check(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX];

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) : 0, path);
	if (!slash)
		strcpy(directory, ".");
	return access(directory[0] ? directory : "/", W_OK | X_OK) ? -errno : 0;
}
