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

/* Returns the whole file with a NUL; NULL if it is too large or memory is short. */
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
		return "larger than 16 MiB";
	return strlen(text) < bytes ? "not a text file" : NULL;
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

#define TEMP_SUFFIX ".XXXXXX"

/* The name of a temporary file beside `path`, as mkostemp() takes it. */
static int temp_path_of(const char *path, char temp_path[PATH_MAX])
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (strlen(name) + strlen(TEMP_SUFFIX) > NAME_MAX ||
	    strlen(path) + strlen(TEMP_SUFFIX) >= PATH_MAX)
		return -ENAMETOOLONG;
	sprintf(temp_path, "%s" TEMP_SUFFIX, path);
	return 0;
}

/* The directory of `path`, which is shorter than PATH_MAX. */
static void directory_of(const char *path, char directory[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int length = slash && slash > path ? (int)(slash - path) : 1; /* "/" or "." */

	snprintf(directory, PATH_MAX, "%.*s", length, slash ? path : ".");
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

/* Makes a rename in the directory durable, where the file system can. */
static int sync_directory(const char *path)
{
	char directory[PATH_MAX];
	int fd, error = 0;

	directory_of(path, directory);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES ? 0 : -errno; /* writable, but not readable */
	if (fsync(fd) && errno != EINVAL && errno != EOPNOTSUPP)
		error = -errno;
	close(fd);
	return error;
}

int atomic_file_replace(const char *path, const char *text)
{
	char temp_path[PATH_MAX];
	int fd, error = temp_path_of(path, temp_path);

	if (error)
		return error;
	fd = mkostemp(temp_path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = write_all(fd, text);
	if (close(fd) && !error)
		error = -errno;
	if (!error && rename(temp_path, path))
		error = -errno;
	if (!error)
		return sync_directory(path);
	unlink(temp_path);
	return error;
}

int atomic_file_check(const char *path)
{
	char temp_path[PATH_MAX], directory[PATH_MAX];
	int error = temp_path_of(path, temp_path);

	if (error)
		return error;
	directory_of(path, directory);
	return access(directory, W_OK | X_OK) ? -errno : 0;
}
