// SPDX-License-Identifier: GPL-2.0-only
/* Files that are read and replaced as a whole. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "core/tap.h"

static char directory[] = "/tmp/test_atomic_file.XXXXXX";

static int entries(void)
{
	DIR *dir = opendir(directory);
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2; /* . and .. */
}

static const char *content(const char *path, char text[64])
{
	FILE *file = fopen(path, "r");
	size_t bytes = file ? fread(text, 1, 63, file) : 0;

	text[bytes] = '\0';
	if (file)
		fclose(file);
	return text;
}

static void test_replace(void)
{
	char path[64], text[64];
	struct stat status;

	snprintf(path, sizeof(path), "%s/file", directory);
	is_int(atomic_file_replace(path, "one\n"), 0, "a file is created");
	is_str(content(path, text), "one\n", "a new file has the text");
	ok(!chmod(path, 0600) && !atomic_file_replace(path, "two\n"), "a file is replaced");
	is_str(content(path, text), "two\n", "a replaced file has the text");
	ok(!stat(path, &status) && (status.st_mode & 07777) == 0644, "the mode is 0644");
	is_int(atomic_file_check(path), 0, "a check foresees success");
	is_int(entries(), 1, "no temporary file is left");
	is_int(atomic_file_replace(directory, "x"), -EISDIR, "a directory is not replaced");
	is_int(entries(), 1, "a failure leaves no temporary file");
	unlink(path);
}

static void test_relative(void)
{
	char text[64];

	ok(!chdir(directory) && !atomic_file_check("file") && !atomic_file_replace("file", "x"),
	   "a file in the working directory is created");
	is_str(content("file", text), "x", "a relative path has the text");
	unlink("file");
}

static void test_errors(void)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/missing/file", directory);
	is_int(atomic_file_replace(path, "x"), -ENOENT, "a missing directory is an error");
	is_int(atomic_file_check(path), -ENOENT, "a check foresees a missing directory");
	snprintf(path, sizeof(path), "%s/%0250d", directory, 0);
	is_int(atomic_file_replace(path, "x"), -ENAMETOOLONG, "a long name is an error");
	is_int(atomic_file_check(path), -ENAMETOOLONG, "a check foresees a long name");
	memset(path, '/', sizeof(path));
	strcpy(path + PATH_MAX - 4, "file");
	is_int(atomic_file_replace(path, "x"), -ENAMETOOLONG, "a long path is an error");
	is_int(atomic_file_check(path), -ENAMETOOLONG, "a check foresees a long path");
	is_int(entries(), 0, "an error leaves no file");
}

static const char *read_error(const char *bytes, size_t count)
{
	FILE *file = fmemopen((void *)bytes, count, "r");
	const char *why;

	free(atomic_file_read(file, &why));
	fclose(file);
	return why ? why : "";
}

static void test_read(void)
{
	char *large = malloc(ATOMIC_FILE_BYTES_MAX + 1);

	memset(large, 'x', ATOMIC_FILE_BYTES_MAX + 1);
	is_str(read_error("text", 4), "", "a text is read");
	is_str(read_error("a\0b", 3), "not a text file", "a NUL is an error");
	is_str(read_error(large, ATOMIC_FILE_BYTES_MAX), "", "16 MiB are read");
	is_str(read_error(large, ATOMIC_FILE_BYTES_MAX + 1), "larger than 16 MiB",
	       "more than 16 MiB are an error");
	free(large);
}

int main(void)
{
	if (!mkdtemp(directory))
		return 1;
	test_replace();
	test_relative();
	test_errors();
	test_read();
	rmdir(directory);
	return tap_done();
}
