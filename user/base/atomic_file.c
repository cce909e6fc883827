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
static char *slurp(FILE *file, size_t *bytes)
{
	char *text = NULL;

	*bytes = 0;
	for (size_t room = 65536; room <= 2 * (size_t)TEXTFILE_BYTES_MAX; room *= 2) {
		char *more = realloc(text, room + 1);

		if (!more)
			break;
		text = more;
		*bytes += fread(text + *bytes, 1, room - *bytes, file);
		text[*bytes] = '\0';
		if (*bytes < room)
			return text;
	}
	free(text);
	return NULL;
}

static const char *objection(FILE *file, const char *text, size_t bytes)
{
	if (ferror(file))
		return strerror(errno);
	if (!text || bytes > TEXTFILE_BYTES_MAX)
		return "too large";
	return strlen(text) < bytes ? "not a text" : NULL;
}

char *textfile_read(FILE *file, const char **why)
{
	size_t bytes;
	char *text = slurp(file, &bytes);

	*why = objection(file, text, bytes);
	if (!*why)
		return text;
	free(text);
	return NULL;
}

static int write_whole(int fd, const char *text)
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

int textfile_replace(const char *path, const char *text)
{
	char beside[PATH_MAX];
	int fd, error;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = write_whole(fd, text);
	close(fd);
	if (!error && rename(beside, path))
		error = -errno;
	if (error)
		unlink(beside);
	return error;
}

int textfile_look(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX];

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) : 0, path);
	if (!slash)
		strcpy(directory, ".");
	return access(directory[0] ? directory : "/", W_OK | X_OK) ? -errno : 0;
}
